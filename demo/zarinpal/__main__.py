from demo.fakebank.program import run
from demo.zarinpal.bank import Bank

if __name__ == "__main__":
    run(Bank(), name="demo.zarinpal", port=8010)
