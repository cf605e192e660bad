"""When two leads are the same: the name by which a lead is known in its matrix."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300

# Forms of company, before or behind the name, as they stand after NFKC and casefold: ㈱ is (株) by then.
_FORM = r"(?:株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|\(株\)|\(有\)|\(同\)|\(合\))"
_BEFORE = re.compile(rf"\A{_FORM}\s*")
_BEHIND = re.compile(rf"\s*{_FORM}\Z")
# Of Latin letters only behind a space, a comma or Japanese: no company is cut off in the middle of its name.
_LATIN = re.compile(
    r"(?:[\s,]+|(?<=[^\x00-\x7f]))(?:co\.?\s*,?\s*ltd|inc|incorporated|ltd|limited|llc|corp|corporation|k\.?\s*k)\.?\Z"
)
_SPACES = re.compile(r"\s+")
# A middle dot, a comma or a quotation mark says nothing about who is meant.
_MARKS = str.maketrans("", "", "・,'’\"”“")


def folded(text: str) -> str:
    """Width, case and spaces in one spelling.

    >>> folded("ＡＢＣ　商事") == folded("abc商事")
    True
    """
    return _SPACES.sub("", unicodedata.normalize("NFKC", text).casefold())


def company_known_as(company: str) -> str:
    """A company's name without its legal form: 株式会社 before or behind it, ㈱, Inc. and the like.

    >>> {company_known_as(name) for name in ("株式会社 青葉商事", "青葉商事㈱", "(株)青葉商事", "青葉商事 Co., Ltd.")}
    {'青葉商事'}
    >>> company_known_as("株式会社"), company_known_as("Zinc"), company_known_as("Aoba Inc.")
    ('株式会社', 'zinc', 'aoba')
    """
    whole = unicodedata.normalize("NFKC", company).casefold().strip()
    name = _BEFORE.sub("", whole)
    name = _LATIN.sub("", _BEHIND.sub("", name) or name) or name
    return folded(name).translate(_MARKS) or folded(whole)


def email_known_as(email: str) -> str:
    """An e-mail address as it is compared.

    >>> email_known_as(" Ｔaro@Example.COM ")
    'taro@example.com'
    """
    return folded(email)


def known_as(*, company: str, contact: str = "", email: str = "") -> str:
    """What tells two leads of one matrix to be the same: the e-mail address, else the company with its contact.

    >>> known_as(company="㈱青葉商事", contact="山田 太郎") == known_as(company="青葉商事", contact="山田太郎")
    True
    >>> known_as(company="青葉商事", email="taro@example.com") == known_as(company="Aoba", email="TARO@example.com")
    True
    """
    address = email_known_as(email)
    if address:
        return f"@{address}"[:LONGEST]
    return f"{company_known_as(company)}/{folded(contact)}"[:LONGEST]
