"""A storm over folders of notes: everything that programs and people do to files, at random.

What is done depends on the seed alone: the folders are changed by nobody else.
"""

import errno
import os
import random
import shutil
import time
import unicodedata
from pathlib import Path

MANY_NOTES = 220
IGNORE_FILE = ".notesearchignore"


def _make_words():
    rng = random.Random("words")
    syllables = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"]
    words = {"".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(400)}
    return [*sorted(words), "Café", "naïve", "日本語", "C++", "snake_case", "running", "𝔘nicode",
            "cat", "kitten", "automobile", "İstanbul", "straße", "e\u0301tude"]  # fmt: skip


WORDS = _make_words()
ENDINGS = (".md", ".md", ".md", ".markdown", ".MD", ".txt")


def number_word(number):
    """Return a word that stands in one text only."""
    letters = ""
    while number:
        number, digit = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[digit]
    return f"qy{letters}oq"


class Storm:
    """Changes folders at random. All of it depends on the seed and on nothing else."""

    def __init__(self, work, rng, log):
        self.roots = [work / "notes", work / "other"]
        self._outside = work / "outside"
        for folder in (*self.roots, self._outside):
            folder.mkdir()
        self._rng = rng
        self._log = log
        self._number = 0
        self._closed = []
        self._away = None
        self.count = 0
        self.operations = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in sorted(dir(self)) if name.startswith("_do_")
        }  # fmt: skip
        self._weights = [_WEIGHTS.get(name, 2) for name in self.operations]

    def step(self):
        """Do one thing."""
        names = list(self.operations)
        if len(self.files()) > MANY_NOTES and self._rng.random() < 0.6:
            names, weights = ["delete", "rmtree", "move_out"], [6, 1, 1]
        else:
            weights = self._weights
        name = self._rng.choices(names, weights)[0]
        self.count += 1
        self._note(name)
        try:
            self.operations[name]()
        except OSError as error:
            # A name too long, a folder in the way: that is how it is with files.
            self._note(f"  {errno.errorcode.get(error.errno, error.errno)}")

    def calm(self):
        """Let everything be there and readable."""
        self._bring_back()
        self._closed = []
        for root in self.roots:
            for folder, folders, files in os.walk(root):
                for path in (Path(folder, name) for name in (*folders, *files)):
                    if not path.is_symlink():
                        path.chmod(0o755 if path.is_dir() else 0o644)

    def files(self):
        return [path for path in self._walk() if not path.is_dir() or path.is_symlink()]

    def notes(self):
        """Return what may be a note, whatever it is in."""
        return [path for path in self.files() if path.suffix in {".md", ".markdown", ".MD"}]

    def _walk(self):
        for root in self.roots:
            for folder, folders, files in os.walk(root):
                folders.sort()
                yield from (Path(folder, name) for name in (*folders, *sorted(files)))

    def _folders(self):
        inner = [path for path in self._walk() if path.is_dir() and not path.is_symlink()]
        return [*(root for root in self.roots if root.is_dir()), *inner]

    def _note(self, *what):
        said = " ".join(str(one) for one in what).encode("utf-8", "backslashreplace").decode()
        self._log.append(f"{self.count:6} {said}")

    # Names and texts

    def _a_note(self):
        notes = self.notes()
        if not notes:
            self._do_create()
            notes = self.notes()
        chosen = self._rng.choice(notes) if notes else self.roots[0] / "nothing.md"
        self._note("  at", chosen)
        return chosen

    def _a_folder(self):
        folders = self._folders()
        # The root that is away is not made anew: that is an operation of its own.
        return self._rng.choice(folders) if folders else self._outside

    def _inner_folder(self):
        inner = [folder for folder in self._folders() if folder not in self.roots]
        return self._rng.choice(inner) if inner else None

    def _name(self):
        words = self._rng.choices(WORDS, k=self._rng.randint(1, 2))
        name = " ".join(words) + str(self._rng.randint(0, 40))
        return name.replace("/", "-") + self._rng.choice(ENDINGS)

    def _new(self):
        path = self._a_folder() / self._name()
        self._note("  new", path)
        return path

    def _text(self):
        rng, parts = self._rng, []
        self._number += 1
        if rng.random() < 0.2:
            tags = ", ".join(rng.choices(WORDS[:20], k=2))
            parts.append(f"---\ntitle: {rng.choice(WORDS)}\ntags: [{tags}]\ndate: 2024-05-0"
                         f"{rng.randint(1, 9)}\naliases: [{rng.choice(WORDS)}]\n---")  # fmt: skip
        if rng.random() < 0.7:
            parts.append(f"# {rng.choice(WORDS)} {rng.choice(WORDS)}")
        parts.append(number_word(self._number))
        for _ in range(rng.choice([0, 1, 1, 2, 3, 8, 30] if rng.random() < 0.2 else [0, 1, 2])):
            if rng.random() < 0.3:
                parts.append(f"## {rng.choice(WORDS)}")
            # Words that are frequent and words that are rare, as in a language.
            chosen = [WORDS[int(len(WORDS) * rng.random() ** 3)] for _ in range(rng.randint(3, 40))]
            parts.append(" ".join(chosen) + rng.choice([".", "", " #" + chosen[0], " [[x]]"]))
        return "\n\n".join(parts) + "\n"

    def _bytes(self):
        text = self._text()
        encoding = self._rng.choices(["utf-8", "utf-8-sig", "utf-16", "cp1252"], [20, 1, 1, 1])[0]
        return text.encode(encoding, "replace")

    # Operations; each may fail with an OSError

    def _do_create(self):
        self._new().write_bytes(self._bytes())

    def _do_create_deep(self):
        folder = self._a_folder().joinpath(*self._rng.choices(WORDS, k=self._rng.randint(1, 3)))
        folder.mkdir(parents=True, exist_ok=True)
        for _ in range(self._rng.randint(1, 5)):
            (folder / self._name()).write_bytes(self._bytes())

    def _do_burst(self):
        folder = self._a_folder()
        for _ in range(self._rng.randint(10, 70)):
            (folder / self._name()).write_bytes(self._bytes())

    def _do_edit(self):
        self._a_note().write_bytes(self._bytes())

    def _do_edit_in_steps(self):
        """Truncate, and write a part at a time."""
        data = self._bytes()
        with self._a_note().open("wb") as file:
            for start in range(0, len(data), len(data) // 3 + 1):
                file.write(data[start : start + len(data) // 3 + 1])
                file.flush()
                time.sleep(0.002)

    def _do_edit_by_rename(self):
        path = self._a_note()
        beside = self._rng.random() < 0.5
        temporary = path.with_name(path.name + ".tmp") if beside else self._outside / "new.md"
        temporary.write_bytes(self._bytes())
        temporary.replace(path)

    def _do_edit_with_backup(self):
        path = self._a_note()
        backup = path.with_name(path.name + "~")
        path.rename(backup)
        path.write_bytes(self._bytes())
        if self._rng.random() < 0.7:
            backup.unlink()

    def _do_edit_like_vim(self):
        path = self._a_note()
        swap = path.with_name(f".{path.name}.swp")
        swap.write_bytes(b"b0VIM 9.1")
        probe = path.with_name("4913")
        probe.touch()
        probe.unlink()
        backup = path.with_name(path.name + "~")
        path.rename(backup)
        path.write_bytes(self._bytes())
        backup.unlink()
        swap.unlink()

    def _do_edit_fast(self):
        """Write texts of one length, one right after the other: many within one tick."""
        path, size = self._a_note(), self._rng.randint(40, 200)
        for _ in range(self._rng.randint(2, 12)):
            path.write_bytes(self._text().encode()[:size].ljust(size, b" "))
            if self._rng.random() < 0.2:
                time.sleep(self._rng.random() * 0.6)

    def _do_edit_unseen(self):
        """Change a note, and keep its size and its time."""
        path = self._a_note()
        status = path.stat()
        path.write_bytes(self._text().encode()[: status.st_size].ljust(status.st_size, b" "))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _do_append(self):
        path = self._a_note()
        if path.stat().st_size < 20_000:
            with path.open("ab") as file:
                file.write(self._text().encode())

    def _do_truncate(self):
        path = self._a_note()
        os.truncate(path, int(path.stat().st_size * self._rng.choice([0, 0.3, 0.7])))

    def _do_rename(self):
        self._a_note().rename(self._new())

    def _do_rename_case(self):
        path = self._a_note()
        path.rename(path.with_name(path.name.swapcase()))

    def _do_rename_form(self):
        """Give a name that looks the same: composed or decomposed accents."""
        path = self._a_note()
        name = unicodedata.normalize(self._rng.choice(["NFC", "NFD"]), path.name)
        path.rename(path.with_name(name))

    def _do_hide(self):
        """Rename to something that is no note, or back."""
        path = self._a_note()
        path.rename(path.with_suffix(self._rng.choice([".txt", ".tmp", ".md~"])))

    def _do_unhide(self):
        hidden = [p for p in self.files() if p.suffix in {".txt", ".tmp", ".md~"}]
        if hidden:
            path = self._rng.choice(hidden)
            path.rename(path.with_suffix(".md"))

    def _do_copy(self):
        shutil.copyfile(self._a_note(), self._new())

    def _do_link_hard(self):
        path = self._a_note()
        self._new().hardlink_to(path)

    def _do_delete(self):
        self._a_note().unlink()

    def _do_delete_and_create(self):
        path = self._a_note()
        path.unlink()
        path.write_bytes(self._bytes())

    def _do_rmtree(self):
        folder = self._inner_folder()
        if folder:
            self._note("  at", folder)
            shutil.rmtree(folder)

    def _do_move_tree(self):
        folder = self._inner_folder()
        if folder:
            target = self._a_folder() / (self._rng.choice(WORDS) + str(self._rng.randint(0, 9)))
            self._note("  from", folder, "to", target)
            folder.rename(target)

    def _do_hide_tree(self):
        folder = self._inner_folder()
        if folder:
            name = folder.name[1:] if folder.name.startswith(".") else f".{folder.name}"
            self._note("  at", folder)
            folder.rename(folder.with_name(name))

    def _do_move_out(self):
        folder = self._inner_folder()
        if folder:
            self._note("  from", folder)
            folder.rename(self._outside / f"{folder.name} {self.count}")

    def _do_move_in(self):
        there = sorted(path for path in self._outside.iterdir() if path.is_dir())
        if there:
            folder = self._rng.choice(there)
            target = self._a_folder() / folder.name
            self._note("  from", folder, "to", target)
            folder.rename(target)

    def _do_file_for_folder(self):
        folder = self._inner_folder()
        if folder:
            self._note("  at", folder)
            shutil.rmtree(folder)
            folder.with_suffix(".md").write_bytes(self._bytes())

    def _do_folder_for_file(self):
        path = self._a_note()
        path.unlink()
        path.mkdir()
        (path / "inner.md").write_bytes(self._bytes())

    def _do_close(self):
        """Take all rights away; the superuser does not notice."""
        path = self._a_note() if self._rng.random() < 0.7 else self._inner_folder()
        if path and not path.is_symlink():
            self._closed.append((path, path.stat().st_mode & 0o777))
            path.chmod(0)

    def _do_open(self):
        if self._closed:
            path, mode = self._closed.pop(self._rng.randrange(len(self._closed)))
            path.chmod(mode)

    def _do_touch(self):
        seconds = self._rng.choice([-(10**9), -100, 0, 10**6, 10**9, 4 * 10**9])
        os.utime(self._a_note(), (1.7e9 + seconds, 1.7e9 + seconds))

    def _do_binary(self):
        path = self._a_note() if self._rng.random() < 0.5 else self._new()
        path.write_bytes(b"\x89PNG\0\0\x0d" + self._rng.randbytes(self._rng.randint(0, 3_000)))

    def _do_empty(self):
        self._new().write_bytes(self._rng.choice([b"", b" \n", b"\xef\xbb\xbf", b"---\n---\n"]))

    def _do_huge(self):
        """Write a file of which only a part is read: mostly one line that says little."""
        data = self._text().encode() + b"\n\n" + b"na " * 300
        path = self._new()
        path.write_bytes(data)
        os.truncate(path, 5_000_001 + self._rng.randint(0, 10**6))

    def _do_strange_name(self):
        folder = os.fsencode(self._a_folder())
        name = self._rng.choice([b"\xff\xfe.md", b"new\nline.md", b"[x]*?.md", b" .md", b".md"])
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(self._bytes())

    def _do_link(self):
        path = self._a_folder() / f"link {self._rng.choice(WORDS)}.md"
        target = self._rng.choice(["note", "folder", "nothing", "circle"])
        if target == "note":
            path.symlink_to(self._a_note())
        else:
            to = {"folder": self._a_folder(), "nothing": path.parent / "none.md", "circle": path}
            path.symlink_to(to[target])

    def _do_ignore_file(self):
        path = self._a_folder() / IGNORE_FILE
        if path.exists() and self._rng.random() < 0.6:
            path.unlink()
        else:
            one, other = self._rng.sample("bcdfghklmnprstvz", 2)
            path.write_text(f"{one}*\n*{other}a*/\n!*1.md\n", encoding="utf-8")

    def _do_root_away(self):
        if self._away is None:
            root = self._rng.choice(self.roots)
            away = root.with_name(f"{root.name} away")
            self._note("  at", root)
            root.rename(away)
            self._away = away, root

    def _do_root_back(self):
        self._bring_back()

    def _bring_back(self):
        if self._away is not None:
            away, root = self._away
            away.rename(root)
            self._away = None


_WEIGHTS = {
    "create": 12, "edit": 12, "edit_by_rename": 8, "edit_fast": 5, "append": 6, "delete": 6,
    "rename": 6, "create_deep": 5, "burst": 1, "rmtree": 1, "huge": 0.3, "root_away": 0.5,
    "root_back": 4, "open": 4, "close": 1, "strange_name": 0.5, "folder_for_file": 0.5,
    "file_for_folder": 0.5, "move_in": 4, "ignore_file": 1,
}  # fmt: skip
