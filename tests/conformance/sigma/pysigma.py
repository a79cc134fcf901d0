"""Random Sigma rules and events, and which rule holds for which event by the Sigma project's own library.

Usage: pysigma.py FOLDER SEED RULES EVENTS
pySigma reads the rules and makes the tree of each condition; this evaluates the tree, value by value, as the specification
says. Writes FOLDER/rules/*.yml, FOLDER/events.ndjson and FOLDER/expected.ndjson, a line {"line": N, "rule": ID} for each match.
"""

import base64
import ipaddress
import json
import os
import random
import re
import sys

import yaml
from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT, ConditionOR
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SpecialChars,
)

folder, seed, rule_count, event_count = sys.argv[1], *map(int, sys.argv[2:5])
chance = random.Random(seed)
choice = chance.choice

FIELDS = ["CommandLine", "Image", "User", "SourceIp", "Port", "Opt", "Parent"]
WORDS = [
    *("powershell", "cmd.exe", "-enc", "/c", "net user", "C:\\Windows\\System32\\", "C:\\Temp\\a.exe", "\\whoami.exe"),
    *("a*b", "a?b", "x", "", "ADMIN", "admin", "Stra\u00dfe", "na\u00efve", "foo.bar", "(x|y)", "10.0.0.1", "%TEMP%"),
    *("\u2013flag", " -flag", "tail\\", "a\\\\b", "1", "42", "443", "true"),
]
COMMANDS = [
    "powershell -enc " + base64.b64encode("whoami".encode("utf-16le")).decode(),
    "xx " + base64.b64encode(b"foo.bar!").decode(),
    *("cmd.exe /c net user admin", "C:\\Windows\\System32\\cmd.exe -flag", "whoami", "/flag x", "\u2013flag y", "aXb"),
    *("a*b", "a?b", "ab", "tail\\", "A\\\\B", "foo.bar", "fooXbar", "na\u00efve STRASSE Stra\u00dfe", "(x|y)", ""),
    *("net  user", "line1\nline2", "%TEMP%"),
]
ADDRESSES = ["10.0.0.1", "10.1.2.3", "192.168.1.7", "8.8.8.8", "2001:db8::1", "fe80::1", "no address"]
NETWORKS = ["10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32", "8.8.8.8/32", "0.0.0.0/0", "10.0.0.0/9", "fe80::/10"]
EXPRESSIONS = [
    *("^cmd", "user.*admin", "(?:foo|bar)\\.bar", "[a-z]{4,}$", "^$", "\\\\a\\.exe$", "line1.line2", "^line2"),
    *("\\bwho", "a.b"),
]
VALUES = {
    "SourceIp": ADDRESSES,
    "Port": [22, 80, 443, 8080, 0, -1, 3.5, "443", "80"],
    "Opt": [True, False, None, "true", "", 1],
    "CommandLine": COMMANDS,
    "Parent": COMMANDS,
    "Image": ["C:\\Windows\\System32\\cmd.exe", "C:\\Temp\\a.exe", "c:\\temp\\A.EXE", "/bin/bash", "tail\\", ""],
    "User": ["admin", "ADMIN", "root", "Administrator", "stra\u00dfe", "C:\\Temp\\a.exe", COMMANDS[2]],
}


def some(make):
    values = [make() for _ in range(choice([1, 1, 2, 3]))]
    return values[0] if len(values) == 1 and chance.random() < 0.7 else values


def word_with_wildcards():
    word = choice(WORDS)
    shapes = [word, word, "*" + word, word + "*", "*" + word + "*", word[:1] + "?" + word[2:], "\\*" + word]
    return choice([*shapes, word.replace("\\", "\\\\")])


def plain_word():
    return choice(WORDS) or "x"


def item():
    field = choice(FIELDS)
    every = "|all" if chance.random() < 0.2 else ""
    if field == "SourceIp" and chance.random() < 0.7:
        return field + "|cidr", some(lambda: choice(NETWORKS))
    if field == "Port" and chance.random() < 0.8:
        if chance.random() < 0.5:
            return field + choice(["|lt", "|lte", "|gt", "|gte"]), choice([0, 22, 80, 443, 3.5, 1000])
        return field, some(lambda: choice([22, 80, 443, 8080, 0, 3.5]))
    if field == "Opt" and chance.random() < 0.7:
        there = [(field + "|exists", True), (field + "|exists", False)]
        return choice([(field, None), (field, True), (field, False), (field, ""), (field, "true"), *there])
    kinds = [
        lambda: (field + "|exists", chance.random() < 0.5),
        lambda: (field, choice([None, ""])),
        lambda: (field + "|contains" + every, some(plain_word)),
        lambda: (field + choice(["|startswith", "|endswith"]), some(plain_word)),
        lambda: (field + "|re" + choice(["", "|i", "|i|s", "|m"]) + every, some(lambda: choice(EXPRESSIONS))),
        lambda: (field + "|windash|contains" + every, some(lambda: choice(["-flag", " -flag", "/c", "-enc", "x-y"]))),
        lambda: (field + "|base64offset|contains", some(lambda: choice(["foo.bar", "whoami", "oo.b"]))),
        lambda: (field + choice(["|wide|base64offset|contains", "|base64|contains"]), "whoami"),
        lambda: (field + "|cased" + choice(["", "|contains", "|startswith"]), some(lambda: choice(["admin", "ADMIN", "C:\\Temp"]))),
        lambda: (field + "|fieldref" + choice(["", "|startswith", "|endswith", "|contains"]), choice(FIELDS)),
        lambda: (field + "|neq", choice(["admin", "cmd*"])),
        lambda: (field, some(word_with_wildcards)),
        lambda: (field, some(word_with_wildcards)),
    ]
    return choice(kinds)()


def selection():
    shape = chance.random()
    if shape < 0.12:
        return [plain_word() for _ in range(choice([1, 2]))]
    if shape < 0.25:
        return [dict(item() for _ in range(choice([1, 2]))) for _ in range(2)]
    return dict(item() for _ in range(choice([1, 2, 3])))


def condition(names, depth):
    shape = chance.random()
    if depth == 0 or shape < 0.35:
        return choice(names)
    if shape < 0.55:
        return "not " + condition(names, depth - 1)
    if shape < 0.85:
        joined = f"{condition(names, depth - 1)} {choice(['and', 'or'])} {condition(names, depth - 1)}"
        return f"({joined})" if shape < 0.7 else joined
    begun = {name.split("_")[0] for name in names}
    of = [f"{choice(['1', 'all'])} of {word}*" for word in sorted(begun)]
    return choice(["1 of them", "all of them", "1 of *_0", *of, *("not " + each for each in of)])


def rule(number):
    names = [choice(["selection", "filter", "sel"]) + f"_{at}" for at in range(choice([1, 2, 2, 3]))]
    detection = {name: selection() for name in names}
    detection["condition"] = condition(names, 2)
    rule_id = f"00000000-0000-4000-8000-{number:012d}"
    return {"title": f"r{number}", "id": rule_id, "logsource": {"category": "test"}, "detection": detection}


def text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def expression_of(pattern):
    wild = {SpecialChars.WILDCARD_MULTI: ".*", SpecialChars.WILDCARD_SINGLE: "."}
    return "".join(wild[part] if isinstance(part, SpecialChars) else re.escape(part) for part in pattern.s)


def refers(value, other, to):
    left, right = text_of(value).lower(), text_of(other).lower()
    if to.starts_with and to.ends_with:
        return right in left
    if to.starts_with:
        return left.startswith(right)
    return left.endswith(right) if to.ends_with else left == right


def address_of(value):
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def number_of(value):
    try:
        return None if isinstance(value, bool) else float(value)
    except ValueError:
        return None


def holds(wanted, event, field):
    value = event.get(field)
    if isinstance(wanted, SigmaExpansion):
        return any(holds(each, event, field) for each in wanted.values)
    if isinstance(wanted, SigmaNull):
        return value is None
    # A field without a value is no field that exists.
    if isinstance(wanted, SigmaExists):
        return (value is not None) == bool(wanted.exists)
    if value is None:
        return False
    if isinstance(wanted, SigmaString):
        flags = re.S if isinstance(wanted, SigmaCasedString) else re.S | re.I
        return re.fullmatch(expression_of(wanted), text_of(value), flags) is not None
    if isinstance(wanted, SigmaBool):
        return text_of(value).lower() == text_of(wanted.boolean)
    if isinstance(wanted, SigmaNumber):
        return number_of(value) == float(wanted.number)
    if isinstance(wanted, SigmaRegularExpression):
        known = SigmaRegularExpressionFlag
        by_flag = {known.IGNORECASE: re.I, known.MULTILINE: re.M, known.DOTALL: re.S}
        return re.search(str(wanted.regexp), text_of(value), sum(by_flag[flag] for flag in wanted.flags)) is not None
    if isinstance(wanted, SigmaCIDRExpression):
        address = address_of(value)
        return address is not None and address in ipaddress.ip_network(wanted.cidr, strict=False)
    if isinstance(wanted, SigmaCompareExpression):
        number, limit = number_of(value), float(wanted.number.number)
        order = SigmaCompareExpression.CompareOperators
        if number is None:
            return False
        by_order = {order.LT: number < limit, order.LTE: number <= limit, order.GT: number > limit}
        return by_order.get(wanted.op, number >= limit)
    if isinstance(wanted, SigmaFieldReference):
        other = event.get(wanted.field)
        return other is not None and refers(value, other, wanted)
    raise TypeError(f"{type(wanted)} is not known here.")


def keyword_holds(wanted, event):
    texts = [text_of(value) for value in event.values() if value is not None]
    if isinstance(wanted, SigmaNumber):
        return any(str(wanted.number) in text for text in texts)
    return any(re.search(expression_of(wanted), text, re.S | re.I) for text in texts)


def true_of(node, event):
    if isinstance(node, ConditionAND):
        return all(true_of(each, event) for each in node.args)
    if isinstance(node, ConditionOR):
        return any(true_of(each, event) for each in node.args)
    if isinstance(node, ConditionNOT):
        return not true_of(node.args[0], event)
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return holds(node.value, event, node.field)
    return keyword_holds(node.value, event)


os.makedirs(os.path.join(folder, "rules"))
trees = []
for number in range(1, rule_count + 1):
    written = rule(number)
    trees.append((written["id"], SigmaRule.from_dict(written).detection.parsed_condition[0].parsed))
    with open(os.path.join(folder, "rules", f"{number:05d}.yml"), "w", encoding="utf-8") as file:
        yaml.safe_dump(written, file, allow_unicode=True, sort_keys=False)
events = [{field: choice(VALUES[field]) for field in FIELDS if chance.random() < 0.75} for _ in range(event_count)]
with open(os.path.join(folder, "events.ndjson"), "w", encoding="utf-8") as file:
    file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
with open(os.path.join(folder, "expected.ndjson"), "w", encoding="utf-8") as file:
    for line, event in enumerate(events, 1):
        for rule_id, tree in trees:
            if true_of(tree, event):
                file.write(json.dumps({"line": line, "rule": rule_id}) + "\n")
