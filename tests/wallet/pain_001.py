"""A check of ``pain.001.001.03`` by hand: what the published message definition says of the elements that we write.

Types and names are those of the definition (ISO 20022, CustomerCreditTransferInitiationV03). Each type lists all of its
elements in their order; those of the type OTHER may stand there, and we write none of them.
"""

import re
from datetime import date, datetime
from xml.etree import ElementTree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
OTHER = "OTHER"
MANY = 10**9

# element: (type, least, most)
_PARTY = {"Nm": ("Max140Text", 0, 1), **dict.fromkeys(("PstlAdr", "Id", "CtryOfRes", "CtctDtls"), (OTHER, 0, 1))}
COMPLEX: dict[str, dict[str, tuple[str, int, int]]] = {
    "Document": {"CstmrCdtTrfInitn": ("CustomerCreditTransferInitiationV03", 1, 1)},
    "CustomerCreditTransferInitiationV03": {
        "GrpHdr": ("GroupHeader32", 1, 1),
        "PmtInf": ("PaymentInstructionInformation3", 1, MANY),
    },
    "GroupHeader32": {
        "MsgId": ("Max35Text", 1, 1), "CreDtTm": ("ISODateTime", 1, 1), "Authstn": (OTHER, 0, 2),
        "NbOfTxs": ("Max15NumericText", 1, 1), "CtrlSum": ("DecimalNumber", 0, 1),
        "InitgPty": ("PartyIdentification32", 1, 1), "FwdgAgt": (OTHER, 0, 1),
    },
    "PaymentInstructionInformation3": {
        "PmtInfId": ("Max35Text", 1, 1), "PmtMtd": ("PaymentMethod3Code", 1, 1), "BtchBookg": (OTHER, 0, 1),
        "NbOfTxs": ("Max15NumericText", 0, 1), "CtrlSum": ("DecimalNumber", 0, 1), "PmtTpInf": (OTHER, 0, 1),
        "ReqdExctnDt": ("ISODate", 1, 1), "PoolgAdjstmntDt": (OTHER, 0, 1), "Dbtr": ("PartyIdentification32", 1, 1),
        "DbtrAcct": ("CashAccount16", 1, 1), "DbtrAgt": ("BranchAndFinancialInstitutionIdentification4", 1, 1),
        **dict.fromkeys(("DbtrAgtAcct", "UltmtDbtr", "ChrgBr", "ChrgsAcct", "ChrgsAcctAgt"), (OTHER, 0, 1)),
        "CdtTrfTxInf": ("CreditTransferTransactionInformation10", 1, MANY),
    },
    "CreditTransferTransactionInformation10": {
        "PmtId": ("PaymentIdentification1", 1, 1), "PmtTpInf": (OTHER, 0, 1), "Amt": ("AmountType3Choice", 1, 1),
        **dict.fromkeys(
            ("XchgRateInf", "ChrgBr", "ChqInstr", "UltmtDbtr", "IntrmyAgt1", "IntrmyAgt1Acct", "IntrmyAgt2",
             "IntrmyAgt2Acct", "IntrmyAgt3", "IntrmyAgt3Acct", "CdtrAgt", "CdtrAgtAcct"),
            (OTHER, 0, 1),
        ),
        "Cdtr": ("PartyIdentification32", 0, 1), "CdtrAcct": ("CashAccount16", 0, 1), "UltmtCdtr": (OTHER, 0, 1),
        "InstrForCdtrAgt": (OTHER, 0, MANY), "InstrForDbtrAgt": (OTHER, 0, 1), "Purp": (OTHER, 0, 1),
        "RgltryRptg": (OTHER, 0, 10), "Tax": (OTHER, 0, 1), "RltdRmtInf": (OTHER, 0, 10),
        "RmtInf": ("RemittanceInformation5", 0, 1),
    },
    "PartyIdentification32": _PARTY,
    "CashAccount16": {
        "Id": ("AccountIdentification4Choice", 1, 1), **dict.fromkeys(("Tp", "Ccy", "Nm"), (OTHER, 0, 1)),
    },
    # of a choice, the one that we make
    "AccountIdentification4Choice": {"IBAN": ("IBAN2007Identifier", 1, 1)},
    "AmountType3Choice": {"InstdAmt": ("ActiveOrHistoricCurrencyAndAmount", 1, 1)},
    "BranchAndFinancialInstitutionIdentification4": {
        "FinInstnId": ("FinancialInstitutionIdentification7", 1, 1), "BrnchId": (OTHER, 0, 1),
    },
    "FinancialInstitutionIdentification7": {
        "BIC": ("BICIdentifier", 0, 1), **dict.fromkeys(("ClrSysMmbId", "Nm", "PstlAdr", "Othr"), (OTHER, 0, 1)),
    },
    "PaymentIdentification1": {"InstrId": ("Max35Text", 0, 1), "EndToEndId": ("Max35Text", 1, 1)},
    "RemittanceInformation5": {"Ustrd": ("Max140Text", 0, MANY), "Strd": (OTHER, 0, MANY)},
}  # fmt: skip
SIMPLE = {
    "Max35Text": "(?s:.{1,35})",
    "Max140Text": "(?s:.{1,140})",
    "Max15NumericText": "[0-9]{1,15}",
    "PaymentMethod3Code": "CHK|TRF|TRA",
    "IBAN2007Identifier": "[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}",
    "BICIdentifier": "[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?",
    # whole amounts alone, which need no fraction digits; both types have at most 18 digits
    "DecimalNumber": "[0-9]{1,18}",
    "ActiveOrHistoricCurrencyAndAmount": "[0-9]{1,18}",
    "ISODate": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "ISODateTime": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}",
}
ATTRIBUTES = {"ActiveOrHistoricCurrencyAndAmount": {"Ccy": "[A-Z]{3}"}}
READ = {"ISODate": date.fromisoformat, "ISODateTime": datetime.fromisoformat}


def problems(document: bytes, *, gregorian: bool = True) -> list[str]:
    """What the message definition does not allow, each with its path; dates alone may be those of another calendar."""
    root = ElementTree.fromstring(document)
    if root.tag != f"{{{NAMESPACE}}}Document":
        return [f"the root is {root.tag}"]
    return list(_problems(root, "Document", "Document", gregorian))


def _problems(node: ElementTree.Element, kind: str, path: str, gregorian: bool) -> list[str]:
    allowed = ATTRIBUTES.get(kind, {})
    found = [f"{path} has the attributes {sorted(node.attrib)}"] if set(node.attrib) != set(allowed) else []
    found += [
        f"{path}/@{name} is {node.get(name)}"
        for name, pattern in allowed.items()
        if not re.fullmatch(pattern, node.get(name, ""))
    ]
    if kind in COMPLEX:
        return found + _problems_inside(node, COMPLEX[kind], path, gregorian)
    text = node.text or ""
    if len(node) or not re.fullmatch(SIMPLE[kind], text):
        return [*found, f"{path} is {text!r}"]
    if gregorian and kind in READ:
        try:
            READ[kind](text)
        except ValueError:
            return [*found, f"{path} is no moment: {text!r}"]
    return found


def _problems_inside(
    node: ElementTree.Element, elements: dict[str, tuple[str, int, int]], path: str, gregorian: bool
) -> list[str]:
    names = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in node]
    unknown = [name for name in names if name not in elements or elements[name][0] == OTHER]
    if unknown:
        return [f"{path} has {unknown}"]
    found = [f"{path} has text"] if (node.text or "").strip() else []
    if names != sorted(names, key=list(elements).index):
        found.append(f"{path} has its elements in the order {names}")
    found += [
        f"{path} has {names.count(name)} {name}"
        for name, (_kind, least, most) in elements.items()
        if not least <= names.count(name) <= most
    ]
    for child, name in zip(node, names, strict=True):
        found += _problems(child, elements[name][0], f"{path}/{name}", gregorian)
    return found
