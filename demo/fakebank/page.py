"""The payer's pages, in Persian."""

from html import escape

from demo.fakebank.bank import Session, State

_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
_STATES = {
    State.PAID: "این پرداخت انجام شده است.",
    State.VERIFIED: "این پرداخت انجام شده است.",
    State.FAILED: "این پرداخت لغو شده است.",
    State.REVERSED: "این پرداخت برگشت خورده است.",
}
_STYLE = """
:root{color-scheme:light dark;--line:#d9dee7;--ink:#17202e;--soft:#5d6b80;--card:#fff;--page:#eef1f6;--pay:#12805c}
@media(prefers-color-scheme:dark){:root{--line:#313b4b;--ink:#eef2f8;--soft:#a3b0c3;--card:#1b2330;--page:#10161f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--ink);
 font:16px/1.8 Vazirmatn,Tahoma,"Segoe UI",sans-serif;padding:16px}
main{width:min(420px,100%);background:var(--card);border:1px solid var(--line);border-radius:16px;padding:24px}
h1{font-size:18px;margin:0 0 4px}
p.note{margin:0 0 20px;color:var(--soft);font-size:13px}
dl{margin:0 0 20px;display:grid;gap:10px}
dl div{display:flex;justify-content:space-between;gap:16px;border-bottom:1px dashed var(--line);padding-bottom:10px}
dt{color:var(--soft)}dd{margin:0;text-align:left;overflow-wrap:anywhere}
dd.sum{font-weight:700;font-size:20px}
form{display:grid;gap:10px}
button{font:inherit;padding:12px;border-radius:10px;border:1px solid var(--line);background:none;color:inherit;
 cursor:pointer}
button[value=pay]{background:var(--pay);border-color:var(--pay);color:#fff;font-weight:700}
button:focus-visible{outline:3px solid #5aa9ff;outline-offset:2px}
"""


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>{content}</main></body></html>"
    )


def payment(session: Session, link_back: str) -> str:
    """The page that asks the payer: a form with ``decision`` pay or cancel, posted to the same address."""
    amount = f"{session.amount:,}".translate(_DIGITS)
    unit = "ریال" if session.currency == "IRR" else "تومان"
    rows = (
        f'<dl><div><dt>مبلغ</dt><dd class="sum">{amount} {unit}</dd></div>'
        f"<div><dt>بابت</dt><dd>{escape(session.description)}</dd></div>"
        f'<div><dt>شناسهٔ پرداخت</dt><dd dir="ltr">{session.authority}</dd></div></dl>'
    )
    if session.state is State.IN_BANK:
        end = (
            '<form method="post"><button name="decision" value="pay">پرداخت</button>'
            '<button name="decision" value="cancel">انصراف</button></form>'
        )
    else:
        end = f'<p role="status">{_STATES[session.state]}</p><a href="{escape(link_back)}">بازگشت به سایت</a>'
    head = '<h1>درگاه پرداخت آزمایشی</h1><p class="note">بانک نمایشی: هیچ پولی جابه‌جا نمی‌شود.</p>'
    return _page("درگاه پرداخت آزمایشی", head + rows + end)


def closed() -> str:
    """Where a payer lands whose way back was lost on command."""
    return _page("پایان", "<h1>ارتباط قطع شد</h1><p>این صفحه را ببندید.</p>")


def unknown() -> str:
    return _page("یافت نشد", "<h1>پرداخت یافت نشد</h1><p>شناسهٔ پرداخت معتبر نیست.</p>")
