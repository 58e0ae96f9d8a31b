"""What macOS is told of the application: INFO, the values of its Info.plist.

packaging/notesearch.spec reads it: BUNDLE(..., bundle_identifier=..., info_plist=INFO).
Usage: python packaging/macos/info.py    prints it as a property list
"""

import plistlib
import re
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP_ID = "io.github.notesearch.Notesearch"

_VERSION = str(runpy.run_path(str(ROOT / "notesearch" / "__init__.py"))["__version__"])
_NUMBERS = re.sub(r"(a|b|rc)\d+$", "", _VERSION)
_IDENTITY = runpy.run_path(str(ROOT / "notesearch" / "identity.py"))
_NAME = str(_IDENTITY["NAME"])
_WHY = (
    "notesearch reads the notes in the folders that you have chosen, to search them. "
    "Nothing leaves this Mac."
)

INFO: dict[str, object] = {
    "CFBundleIdentifier": APP_ID,
    "CFBundleName": _NAME,
    "CFBundleDisplayName": _NAME,
    "CFBundleIconFile": "notesearch.icns",
    # Both are to be numbers only: 1.2.3rc1 is 1.2.3 here.
    "CFBundleShortVersionString": _NUMBERS,
    "CFBundleVersion": _NUMBERS,
    "CFBundleDevelopmentRegion": "en",
    "NSHumanReadableCopyright": f"{_IDENTITY['LICENCE']} licence",
    # Below this there is no wheel of ONNX Runtime; for Intel, there is none at all.
    "LSMinimumSystemVersion": "14.0",
    "LSArchitecturePriority": ["arm64"],
    "LSApplicationCategoryType": "public.app-category.productivity",
    # It has an icon in the Dock: its window is one that people stay in and switch to with
    # Command-Tab, which agents (LSUIElement) are not listed in, and the Dock is the way back where
    # the menu bar has no room for its icon. The price is the icon while only the menu bar's is
    # wanted: after the start at login, a click on it opens the window.
    "LSUIElement": False,
    # PyInstaller sets it for a program that can write to a terminal, as this one can.
    "LSBackgroundOnly": False,
    "NSHighResolutionCapable": True,
    # Light and dark as the system has it.
    "NSRequiresAquaSystemAppearance": False,
    # macOS asks before a program reads these places, and says this. Notes are in any of them.
    "NSDesktopFolderUsageDescription": _WHY,
    "NSDocumentsFolderUsageDescription": _WHY,
    "NSDownloadsFolderUsageDescription": _WHY,
    "NSRemovableVolumesUsageDescription": _WHY,
    "NSNetworkVolumesUsageDescription": _WHY,
    "NSFileProviderDomainUsageDescription": _WHY,
    # Notes are opened in Terminal where an editor needs one, by way of its script language.
    "NSAppleEventsUsageDescription": "notesearch opens a note in an editor that runs in Terminal, "
    "when you have chosen one.",
    # "Open with" of a folder. Alternate: the Finder stays what opens folders.
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "Folder",
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
            "LSItemContentTypes": ["public.folder"],
        }
    ],
}

if __name__ == "__main__":
    sys.stdout.write(plistlib.dumps(INFO).decode())
