"""Rules that recognise personal identifiers in text, with their check digits.

Each rule is a pattern and a test of what it found; a pattern alone never counts where the identifier carries a
check digit. Sources: GB 11643-1999 (resident identity number, ISO/IEC 7064 MOD 11-2), ISO/IEC 7812-1 (Luhn),
ISO 13616-1 (IBAN), ICAO Doc 9303-4 (machine-readable passport line), US Social Security Administration (POMS RM
10201.035).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from evaluations.methods.frame import Text

RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS = "10X98765432"
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "SA": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip
MACHINE_LINE_WEIGHTS = (7, 3, 1)


def resident_number_is_valid(value: str) -> bool:
    """An 18-character resident identity number: known province, real birth date, check character MOD 11-2."""
    value = value.upper()
    if value[:2] not in PROVINCES:
        return False
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, RESIDENT_WEIGHTS, strict=False))
    return born.year >= 1900 and RESIDENT_CHECKS[total % 11] == value[17]


def luhn_is_valid(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 * (number > 9)
    return total % 10 == 0


def card_number_is_valid(value: str) -> bool:
    """A payment card: the Luhn digit, and a prefix and length that a card network issues."""
    digits = re.sub(r"[ -]", "", value)
    if len(set(digits)) == 1 or not luhn_is_valid(digits):
        return False
    size, two, three, four = len(digits), int(digits[:2]), int(digits[:3]), int(digits[:4])
    return (
        (digits[0] == "4" and size in (13, 16, 19))
        or (size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720 or 3528 <= four <= 3589))
        or (size == 15 and two in (34, 37))
        or (size in (14, 16) and (300 <= three <= 305 or two in (36, 38, 39)))
        or (two == 62 and 16 <= size <= 19)
        or (size in (16, 19) and (four == 6011 or two == 65 or 644 <= three <= 649))
    )


def iban_is_valid(value: str) -> bool:
    """An international bank account number: its country's length and the remainder 1 by 97."""
    compact = re.sub(r"\s", "", value).upper()
    if IBAN_LENGTHS.get(compact[:2]) != len(compact):
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def machine_line_is_valid(value: str) -> bool:
    """The second line of a passport's machine-readable zone (44 characters): number and birth date check digits."""

    def check(part: str) -> int:
        return (
            sum(
                (0 if character == "<" else int(character, 36)) * MACHINE_LINE_WEIGHTS[place % 3]
                for place, character in enumerate(part)
            )
            % 10
        )

    return check(value[:9]) == int(value[9]) and check(value[13:19]) == int(value[19])


def social_security_is_valid(value: str) -> bool:
    """A US social security number: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    digits = re.sub(r"\D", "", value)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def hong_kong_identity_is_valid(value: str) -> bool:
    """A Hong Kong identity card number such as A123456(3): weights 9 to 1, modulo 11."""
    body, check = value[:-3].upper(), value[-2].upper()
    letters = [ord(character) - 55 for character in body if character.isalpha()]
    digits = [int(character) for character in body if character.isdigit()]
    numbers = ([36] if len(letters) == 1 else []) + letters + digits  # 36 stands for the missing first letter
    total = sum(number * weight for number, weight in zip(numbers, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def address_is_public(value: str) -> bool:
    """An IP address that is routed on the public internet: a private or reserved one leads to nobody."""
    try:
        return ipaddress.ip_address(value).is_global
    except ValueError:
        return False


def international_phone_is_plausible(value: str) -> bool:
    """ITU-T E.164: country code and number together have 8 to 15 digits."""
    return 8 <= len(re.sub(r"\D", "", value)) <= 15


def anything(value: str) -> bool:
    """For identifiers whose pattern is all there is to check."""
    return bool(value)


@dataclass(frozen=True)
class Rule:
    """One kind of identifier. `chance`: share of look-alikes that pass the check digit by accident (1: no check digit).

    `header`: the pattern is too common to count except under a heading that matches.
    """

    name: str
    title: Text
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]
    chance: float = 1.0
    header: re.Pattern[str] | None = None

    def findings(self, text: str) -> Iterator[tuple[str, bool]]:
        """(what looked like it, whether it passed the check)."""
        for match in self.pattern.finditer(text):
            yield match[0], self.valid(match[0])


def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE | re.ASCII)


SOCIAL_SECURITY = Text("US social security number", "美国社会安全号码")
RULES = (
    Rule(
        "email",
        Text("e-mail address", "电子邮件地址"),
        _pattern(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])"),
        anything,
    ),
    Rule(
        "resident_id",
        Text("Chinese resident identity number", "居民身份证号码"),
        _pattern(r"(?<![0-9a-z])[1-8]\d{16}[0-9x](?![0-9a-z])"),
        resident_number_is_valid,
        1 / 500,
    ),
    Rule(
        "phone_cn",
        Text("Chinese phone number", "中国电话号码"),
        _pattern(r"(?<![\d.+])(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8})(?![\d.])"),
        anything,
    ),
    Rule(
        "phone_international",
        Text("international phone number", "国际电话号码"),
        _pattern(
            r"(?<![\w+])\+[1-9]\d{0,2}(?:[ ().-]{0,2}\d){6,13}(?!\d)"
            r"|(?<![\w.])\(?[2-9]\d{2}\)?[ -][2-9]\d{2}-\d{4}(?!\d)"
        ),
        international_phone_is_plausible,
    ),
    Rule(
        "card",
        Text("payment card number", "银行卡号"),
        _pattern(r"(?<![\w.-])[2-6](?:[ -]?\d){12,18}(?![\w-]|\.\d)"),
        card_number_is_valid,
        0.1,
    ),
    Rule(
        "iban",
        Text("bank account number (IBAN)", "国际银行账号（IBAN）"),
        _pattern(r"(?<![0-9a-z])[a-z]{2}\d{2}(?: ?[0-9a-z]{4}){2,7}(?: ?[0-9a-z]{1,3})?(?![0-9a-z])"),
        iban_is_valid,
        1 / 97,
    ),
    Rule(
        "passport_line",
        Text("machine-readable passport line", "护照机读码"),
        _pattern(r"(?<![0-9a-z<])[0-9a-z<]{9}\d[a-z<]{3}\d{7}[mf<x]\d{7}[0-9a-z<]{14}[0-9<]\d(?![0-9a-z<])"),
        machine_line_is_valid,
        1 / 100,
    ),
    Rule(
        "passport",
        Text("passport number", "护照号码"),
        _pattern(r"(?<![0-9a-z])(?:[a-z]{1,2}\d{7,8}|\d{9})(?![0-9a-z])"),
        anything,
        header=re.compile(r"passport|护照", re.IGNORECASE),
    ),
    Rule(
        "us_ssn",
        SOCIAL_SECURITY,
        _pattern(r"(?<![\w-])\d{3}([- ])\d{2}\1\d{4}(?![\w-])"),
        social_security_is_valid,
    ),
    Rule(
        "us_ssn_plain",
        SOCIAL_SECURITY,
        _pattern(r"(?<!\w)\d{9}(?!\w)"),
        social_security_is_valid,
        header=re.compile(r"\bssn\b|social.?security|社会安全", re.IGNORECASE),
    ),
    Rule(
        "hk_id",
        Text("Hong Kong identity card number", "香港身份证号码"),
        _pattern(r"(?<![0-9a-z])[a-z]{1,2}\d{6}\([0-9a]\)"),
        hong_kong_identity_is_valid,
        1 / 11,
    ),
    Rule(
        "ipv4",
        Text("public IP address", "公网 IP 地址"),
        _pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"),
        address_is_public,
    ),
    Rule(
        "ipv6",
        Text("public IP address", "公网 IP 地址"),
        _pattern(r"(?<![\w:.])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:.])"),
        address_is_public,
    ),
)

NAME_HEADING = re.compile(
    r"(?:(?:full|first|last|middle|given|family|patient|customer|client|person|employee|student|contact|user|doctor)"
    r"[ _.-]*)?name|sur[ _-]?name|forename|姓名|名字|姓氏|患者姓名|客户姓名|联系人|用户姓名|学生姓名|员工姓名",
    re.IGNORECASE,
)
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔文赖施洪欧"
)
LATIN_NAME = re.compile(r"[A-Z][\w'’.-]*(?:,? [A-Z][\w'’.-]*){0,3}")
CHINESE_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")


def looks_like_name(value: str) -> bool:
    """Capitalised words without digits, or two to four Chinese characters that begin with a common surname."""
    value = value.strip()
    if CHINESE_NAME.fullmatch(value):
        return value[0] in SURNAMES
    return bool(LATIN_NAME.fullmatch(value)) and not any(character.isdigit() for character in value)


def masked(value: str) -> str:
    """The shape of a finding only: no character of it is kept, so that a report cannot leak it."""
    return "".join("9" if c.isdigit() else "某" if c > "\u2e80" else "x" if c.isalpha() else c for c in value[:40])
