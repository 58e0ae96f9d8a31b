"""Notes that mean harm: text that costs a reader time or memory, and files that hold no text."""

import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path

WORD = "quokka"
"""Stands near the beginning of each that holds text."""
MANY = 100_000
MEGABYTE = 1_000_000
HUGE = 100

_TEXTS: Mapping[str, Callable[[], str]] = {
    "quotes": lambda: ">" * 2 * MANY,
    "quotes, spaced": lambda: "> " * MANY + "x",
    "quotes, lazy": lambda: "> " * 500 + "x\n" + "x\n" * 20_000,
    "quotes, deeper and deeper": lambda: "\n".join("> " * n + "x" for n in range(1_000)),
    "bullets": lambda: "- " * MANY + "x",
    "numbers": lambda: "1. " * MANY + "x",
    "bullets and quotes": lambda: "- > " * (MANY // 2) + "x",
    "bullets, deeper and deeper": lambda: "\n".join("  " * n + "- x" for n in range(1_000)),
    "tasks": lambda: "- [ ] x\n" * (MANY // 2),
    "brackets": lambda: "[" * 2 * MANY,
    "brackets, closed": lambda: "[" * MANY + "]" * MANY,
    "links, never closed": lambda: "[a](" * (MANY // 2),
    "link, never closed": lambda: "[a](" + "x" * MEGABYTE,
    "links, nested": lambda: "[a" * MANY + "](b)" * MANY,
    "pictures": lambda: "![" * MANY,
    "wiki links, never closed": lambda: "[[a" * (MANY // 2),
    "wiki links": lambda: " ".join(f"[[page {n}|shown {n}]]" for n in range(MANY)),
    "backticks": lambda: "`" * 2 * MANY,
    "backticks, more and more": lambda: " ".join("`" * n for n in range(1, 700)),
    "fences": lambda: "```\n~~~\n" * (MANY // 2),
    "asterisks": lambda: "*" * 2 * MANY,
    "asterisks, opening": lambda: "*a " * MANY,
    "asterisks, both": lambda: "a**b" * MANY,
    "asterisks and underscores": lambda: "*a_ " * MANY,
    "underscores": lambda: "_" * MANY + "a",
    "tildes and equals": lambda: "~~a==b" * MANY,
    "less than": lambda: "<" * 2 * MANY,
    "tags of html": lambda: "<div>" * (MANY // 2),
    "tags of html, in lines": lambda: "<div>\n" * (MANY // 2),
    "attributes": lambda: "<a " + 'b="c" ' * (MANY // 2),
    "comments": lambda: "<!--" * (MANY // 2),
    "instructions": lambda: "<?" * MANY,
    "declarations": lambda: "<!A" * MANY,
    "character data": lambda: "<![CDATA[" * (MANY // 2),
    "backslashes": lambda: "\\" * 2 * MANY,
    "entities": lambda: "&amp;&#x" * MANY,
    "addresses": lambda: "http://a.b/c?d " * (MANY // 4),
    "mail": lambda: "a@" * MANY,
    "definitions": lambda: "\n".join(f"[a{n}]: /b{n} 'c{n}'" for n in range(MANY // 2)),
    "definitions, never closed": lambda: "[a]: b '" * MANY,
    "title of a link": lambda: f'[a](b "{"long title " * 90_000}")',
    "table, wide": lambda: "\n".join(("|a" * 5_000, "|-" * 5_000, *("|b c" * 5_000,) * 3)),
    "table, long": lambda: "|a|b|\n|-|-|\n" + "|c|d|\n" * 30_000,
    "table, never begun": lambda: "|" * MANY + "\n" + "-|" * MANY,
    "headings": lambda: "\n".join(f"# h{n}\n" for n in range(MANY // 2)),
    "headings of all levels": lambda: "\n".join(f"{'#' * (n % 6 + 1)} h" for n in range(MANY // 2)),
    "headings, underlined": lambda: "a\n=\n" * (MANY // 2),
    "heading": lambda: "# " + "word " * MANY,
    "rules": lambda: "---\n" * (MANY // 2),
    "tags": lambda: " ".join(f"#tag{n}" for n in range(MANY)),
    "tags, nested": lambda: "#a" + "/b" * MANY,
    "hashes": lambda: "#" * MANY,
    "properties": lambda: "\n".join(f"key{n}:: value" for n in range(MANY // 2)),
    "word": lambda: "x" * MEGABYTE,
    "word, of parts": lambda: "aB" * (MEGABYTE // 2),
    "word, accented": lambda: "ά" * (MEGABYTE // 2),
    "no spaces": lambda: "表" * (2 * MEGABYTE // 3),
    "no letters": lambda: ".-" * MEGABYTE,
    "many words": lambda: " ".join(f"w{n}" for n in range(MANY)),
    "emoji": lambda: "🙂" * MANY,
    "emoji, joined": lambda: "👩\u200d" * MANY,
    "combining marks": lambda: "a" + "\u0301" * (MEGABYTE // 2),
    "bidirectional controls": lambda: "\u202e\u2066abc\u2069\u202c" * (MANY // 2),
    "no width": lambda: "\u200b\u2060\ufeff" * 100_000,
    "line separators": lambda: "\u2028\u2029\x85\v\f" * (MANY // 2),
    "carriage returns": lambda: "\r" * MANY,
    "tabs": lambda: "\t" * MANY + "x",
    "spaces": lambda: " " * MEGABYTE + "x",
    "private characters": lambda: "words of a text before \ue000 \U000f0301 \U00100041 " * 1_000,
    "placeholders": lambda: "{{title}} <% tp.date.now() %> ${x} {% for %} %s %(a)s {0.__class__}\n"
                            * 1_000,
    "spaces between letters": lambda: "a " * (MEGABYTE // 2),
    "blob": lambda: "data:image/png;base64," + "QUJD" * MANY,
}  # fmt: skip
"""Of Markdown."""

_BOMB = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 20))
_HEADERS: Mapping[str, Callable[[], str]] = {
    "keys": lambda: "\n".join(f"key{n}: value" for n in range(MANY)),
    "keys in one line": lambda: "a: {" + ", ".join(f"k{n}: v" for n in range(1_500)) + "}",
    "aliases": lambda: "l0: &l0 x\n" + _BOMB,
    "an alias to itself": lambda: "a: &a [*a]",
    "merged": lambda: "a: &a {b: c}\nd:\n  <<: [*a, *a]\n  <<: *a",
    "deep lists": lambda: "a: " + "[" * 7_000 + "]" * 7_000,
    "deep lists, never closed": lambda: "a: " + "[" * 15_000,
    "deep maps": lambda: "a: " + "{a: " * 3_900,
    "deep bullets": lambda: "a:\n " + "- " * 7_900 + "x",
    "deep enough": lambda: "a: " + "[" * 300 + "]" * 300,
    "questions": lambda: "a: b\n" + "? " * 7_900,
    "long list": lambda: "tags: [" + ", ".join(f"t{n}" for n in range(2_000)) + "]",
    "too long a list": lambda: "tags: [" + ", ".join(f"t{n}" for n in range(MANY)) + "]",
    "python": lambda: "a: !!python/object/apply:os.system ['touch harm']",
    "python name": lambda: "title: !!python/name:os.system\nb: !!python/module:os",
    "far dates": lambda: "date: 99999-01-01\ncreated: 0000-00-00\nupdated: -1-1-1",
    "odd dates": lambda: "date: 9999-12-31T23:59:59.9+14:00\ncreated: 0001-01-01T00:00:00-14:00",
    "long number": lambda: "a: 1" + "0" * 15_000,
    "too long a number": lambda: "a: 1" + "0" * MEGABYTE,
    "sexagesimal": lambda: "a: " + "59:" * 2_000 + "59",
    "long hexadecimal": lambda: "title: 0x" + "f" * 15_000,
    "not numbers": lambda: "title: .nan\na: .inf\nb: -.inf\nc: 1e999",
    "surrogates": lambda: 'title: "\\ud800 \\udc00"\ntags: ["\\udfff"]',
    "zero": lambda: "title: a\0b",
    "controls": lambda: "title: words of a text before some \x1b[31m\x07 such characters",
    "a document in it": lambda: "%YAML 1.1\n%TAG ! tag:x,2000:\ntitle: a",
    "sets and pairs": lambda: "a: !!set {b, c}\nd: !!omap [e: f]\ng: !!pairs [h: i]",
    "odd keys": lambda: "{[a]: b, {c: d}: e, null: f, true: g, 1.5: h, '': i}",
    "tabs": lambda: "a:\n\t\t- b",
    "long title": lambda: "title: " + "t" * 15_000,
    "markup as title": lambda: "title: '<img src=//h/x.png><b>&lt;</b>\x00\u202e'",
    "scalar that folds": lambda: "a: >\n" + " b\n" * 190,
    "comment": lambda: "# " + "c" * 15_000,
    "many anchors": lambda: "\n".join(f"a{n}: &b{n} c" for n in range(190)),
    "many bad tags": lambda: "a: [" + "!!bool x, " * 1_500 + "]",
}
"""Of front matter."""


_PROSE = b"A quokka is small. It eats leaves, and sleeps.\n\n"


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    pixels = bytes((n * 7919) % 251 for n in range(64 * 193))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b""))
    )


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.md", bytes((n * 7919) % 251 for n in range(20_000)))
    return packed.getvalue()


_FILES: Mapping[str, Callable[[], Iterable[bytes]]] = {
    "one line of 100 MB": lambda: chain([b"quokka "], repeat(b"word " * 2 * MANY, HUGE)),
    "one word of 100 MB": lambda: chain([b"quokka "], repeat(b"x" * MEGABYTE, HUGE)),
    "100 MB of line ends": lambda: chain([b"quokka"], repeat(b"\n" * MEGABYTE, HUGE)),
    "100 MB of zeros": lambda: repeat(bytes(MEGABYTE), HUGE),
    "prose under a long title": lambda: chain(
        [b"---\ntitle: " + b"long title " * 1_400 + b"\n---\n"], repeat(_PROSE, MANY // 5)
    ),
    "prose under many tags": lambda: chain(
        (b"#tag%d " % n for n in range(MANY)), [b"\n\n"], repeat(_PROSE, MANY // 5)
    ),
    "prose under long headings": lambda: chain(
        (b"#" * n + b" heading" * 60 + b"\n" for n in range(1, 7)), repeat(_PROSE, MANY // 5)
    ),
    "prose under an endless heading": lambda: chain(
        [b"# ", *repeat(b"heading ", MANY), b"\n"], repeat(_PROSE, MANY // 5)
    ),
    "a quote of many lines": lambda: chain([b"quokka\n\n", b"> " * 60], repeat(b"a\n", 3 * MANY)),
    "too many headings": lambda: chain([b"quokka\n\n"], repeat(b"# a\n", 3 * MANY)),
    "a picture": lambda: [_png()],
    "an archive": lambda: [_zip()],
    "a program": lambda: [b"\x7fELF\2\1\1" + bytes(9) + bytes(range(256)) * 40],
    "noise": lambda: [bytes((n * 7919) % 251 for n in range(5_000))],
    "nothing": lambda: [b""],
    "white space": lambda: [b" \n\t\r\n" * 1_000],
    "zeros within": lambda: [b"quokka\0 and more words\0 of a text that is long " * 20],
    "byte order marks": lambda: [codecs.BOM_UTF8 * 3 + b"quokka\n" + codecs.BOM_UTF8 * 1_000],
    "byte order marks of another": lambda: [
        codecs.BOM_UTF16_LE + "\ufeff\ufeffquokka \ufffe\ufeff".encode("utf-16-le")
    ],
    "a mark and half a character": lambda: [
        codecs.BOM_UTF16_BE + "quokka".encode("utf-16-be") + b"x"
    ],
    "surrogates": lambda: [b"quokka \xed\xa0\x80 \xed\xbf\xbf words of a text"],
    "surrogates of two bytes": lambda: [
        codecs.BOM_UTF16_LE + "quokka ".encode("utf-16-le") + b"\x00\xd8" * 100 + b"\x00\xdc"
    ],
    "four bytes": lambda: [codecs.BOM_UTF32_LE + "quokka".encode("utf-32-le") + b"\xff" * 8],
    "overlong": lambda: [b"quokka \xc0\xaf \xf8\x88\x80\x80\x80 \xff\xfe words of a text"],
    "cut within a character": lambda: [b"quokka words of a text \xe2\x82"],
    "another encoding": lambda: ["quokka Größe für übermäßig".encode("latin-1")],
    "escape sequences": lambda: [b"quokka \x1b]0;x\x07 \x1b[2J " + b"words of a text " * 20],
    "front matter that never ends": lambda: [b"---\nquokka: b\n", *repeat(b"a: b\n", MANY)],
    "front matter alone": lambda: [b"---\ntitle: quokka\n---"],
    "rules alone": lambda: [b"---\nquokka\n---\n" * 3],
}  # fmt: skip
"""Of bytes."""


def names() -> list[str]:
    """Return the names of all, without an ending."""
    return [*_TEXTS, *(f"front matter, {name}" for name in _HEADERS), *_FILES]


def write(name: str, folder: Path) -> Path:
    """Write one of them as a note into a folder."""
    path = folder / f"{name}.md"
    with path.open("wb") as file:
        file.writelines(_content(name))
    return path


def _content(name: str) -> Iterator[bytes]:
    if name in _TEXTS:
        yield f"{WORD}\n\n{_TEXTS[name]()}\n".encode()
    elif name in _FILES:
        yield from _FILES[name]()
    else:
        header = _HEADERS[name.removeprefix("front matter, ")]()
        yield f"---\n{header}\n---\n{WORD}\n".encode()


HOST = "host-of-nobody.invalid"
"""Named by references(); nothing may ask for it."""


def references(outside: Path) -> str:
    """Return a note that refers to what is elsewhere in every way there is.

    outside: a folder beside the one of the note, with secret.png, secret.css and secret.md in it.
    """
    name, secret = outside.name, f"{outside}/secret"
    pictures = [
        f"http://{HOST}/x.png", f"https://{HOST}/x.svg", f"ftp://{HOST}/x.png",
        f"//{HOST}/share/x.png", f"\\\\\\\\{HOST}\\\\share\\\\x.png",
        f"%5C%5C{HOST}%5Cshare%5Cx.png", f"smb://{HOST}/x.png", f"file://{HOST}/share/x.png",
        f"{secret}.png", f"file://{secret}.png", f"FILE:{secret}.png", f"/{secret}.png",
        f"../{name}/secret.png", f"..%2f{name}%2fsecret.png",
        f"%2e%2e/{name}/secret.png", f"sub/../../{name}/secret.png", f"..\\\\{name}\\\\secret.png",
        f"qrc:{secret}.png", f":{secret}.png", f"image:{secret}.png", "data:image/svg+xml,<svg/>",
        f"data:image/svg+xml,%3Csvg%3E%3Cimage href='{secret}.png'/%3E%3C/svg%3E",
    ]  # fmt: skip
    links = [*pictures, f"{secret}.md", f"../{name}/secret.md", "javascript:alert(1)", "vbscript:x",
             f"mailto:a@{HOST}", f"obsidian://open?path={secret}.md"]  # fmt: skip
    html = (
        f"<img src='{secret}.png'> <img src='//{HOST}/x.png' srcset='http://{HOST}/y.png'>",
        f"<style>@import url('{secret}.css'); @import 'http://{HOST}/x.css';</style>",
        f"<link rel=stylesheet href='{secret}.css'> <link rel=prefetch href='http://{HOST}'>",
        f"<body background='{secret}.png'> <table background='file://{secret}.png'><tr><td>x",
        f"<p style='background-image: url({secret}.png)'>x</p> <base href='http://{HOST}/'>",
        f"<script src='http://{HOST}/x.js'></script> <iframe src='{secret}.md'></iframe>",
        f"<object data='{secret}.png'></object> <video src='http://{HOST}/x'></video>",
        f"<meta http-equiv=refresh content='0; url=http://{HOST}/'>",
        f"<svg><image href='{secret}.png'/></svg>",
    )
    return "\n\n".join(
        (
            f"# {WORD}",
            *(f"![{WORD}]({one})" for one in pictures),
            *(f"[{WORD}]({one} '<img src={secret}.png>')" for one in links),
            *html,
            f"![[../{name}/secret]] ![[{secret}.png]] [[../{name}/secret.md]]",
            f"![a][b] <http://{HOST}/> http://{HOST}/z www.{HOST}\n\n[b]: {secret}.png 'x'",
        )
    )
