from demo.fakebank.program import run
from demo.zibal.bank import Bank

if __name__ == "__main__":
    run(Bank(), name="demo.zibal", port=8011)
