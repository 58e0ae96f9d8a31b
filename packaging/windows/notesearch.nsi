; The installer for Windows: for one user, without rights of an administrator.
;
; packaging/windows/build_installer.py calls it; by hand, from the top of the source tree:
;   makensis -NOCD -V3 -WX -DVERSION=1.2.3rc1 -DNUMBERS=1.2.3.0 -DDIST=dist/notesearch \
;       -DOUT=dist/notesearch-setup.exe packaging/windows/notesearch.nsi
; VERSION    what is installed
; NUMBERS    the same as Windows wants it: four numbers and nothing else
; DIST       the folder of the program: notesearch.exe, notesearch-cli.exe, _internal
; OUT        the installer that is made
; ICON       notesearch.ico, of packaging/icons.py; NSIS's own without it
; PUBLISHER HOMEPAGE ISSUES RELEASES    what Windows shows in its list of programs; left out
;            where they are not defined
; SIGN       a command that signs the file whose name is put behind it; nothing is signed without.
;            It is called for the uninstaller too, before that goes into the installer
; STANDIN    takes DIST/notesearch, of any system, for both programs: to see that this compiles
;
; Options of the installer: /S says nothing and asks nothing, /D=FOLDER (last, without quotation
; marks) is where it goes. Options of uninstall.exe: /S, and /PURGE=1 also removes what notesearch
; keeps for the user. Exit codes: 0 done, 1 cancelled, 2 not done; without /S, it says why.

Unicode true
!ifndef VERSION
  !error "say what is installed: -DVERSION=1.2.3"
!endif
!ifndef NUMBERS
  !error "say the four numbers of what is installed: -DNUMBERS=1.2.3.0"
!endif
!ifndef DIST
  !error "say where the program is: -DDIST=dist/notesearch"
!endif
!ifndef OUT
  !error "say where the installer goes: -DOUT=dist/notesearch-1.2.3-x64-setup.exe"
!endif
!ifdef STANDIN
  !define PROGRAM "${DIST}\notesearch"
  !define COMMANDS "${DIST}\notesearch"
!else
  !define PROGRAM "${DIST}\notesearch.exe"
  !define COMMANDS "${DIST}\notesearch-cli.exe"
!endif
!macro Require FILE
  !if ! /FileExists "${FILE}"
    !error "${FILE} is missing: DIST must be the program as it was frozen on Windows"
  !endif
!macroend
!insertmacro Require "${PROGRAM}"
!insertmacro Require "${COMMANDS}"
!insertmacro Require "${DIST}\_internal\*.*"

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include Sections.nsh
!include WinVer.nsh
!include x64.nsh

Name "notesearch"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\notesearch"
SetCompressor /SOLID lzma
SetCompressorDictSize 32
AllowSkipFiles off
ManifestDPIAware true
BrandingText "notesearch ${VERSION}"

VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "notesearch"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Installs notesearch"
VIAddVersionKey "LegalCopyright" "MIT licence"
!ifdef PUBLISHER
  VIAddVersionKey "CompanyName" "${PUBLISHER}"
!endif

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\notesearch"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define FOLDER_MENU "Software\Classes\Directory\shell\notesearch"
; Both as notesearch/autostart.py has them.
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

; There until all files are: a folder that has this one may be filled again.
!define UNFINISHED "$INSTDIR\notesearch-unfinished"

!define SAY "MessageBox MB_OK|MB_ICONSTOP"
!define NOT_DONE 2
; Windows 10 of 2018, which Qt asks for, and the first that runs programs for x64 on Arm.
!define FIRST_BUILD 17763
!define FIRST_BUILD_ON_ARM 22000

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\notesearch.exe"
!define MUI_FINISHPAGE_NOREBOOTSUPPORT
!define MUI_UNFINISHPAGE_NOAUTOCLOSE

!insertmacro MUI_PAGE_COMPONENTS
!define MUI_PAGE_CUSTOMFUNCTION_PRE SkipWhereInstalled
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

Var Installed ; where an earlier one is; empty where there is none

; For both programs ---------------------------------------------------------------------------

!macro Fail TEXT
  DetailPrint "${TEXT}"
  ${SAY} "${TEXT}" /SD IDOK
  SetErrorLevel ${NOT_DONE}
  Quit
!macroend

!macro Functions UN
; End the notesearch that runs, and see that none of its files is in use. Nothing is changed yet
; when this refuses.
Function ${UN}MakeFree
  ${If} ${FileExists} "$INSTDIR\notesearch-cli.exe"
    DetailPrint "Ending the notesearch that is running"
    nsExec::ExecToLog /TIMEOUT=60000 '"$INSTDIR\notesearch-cli.exe" --quit'
    Pop $0 ; where it could not, files are in use
  ${EndIf}
  again:
  Push "$INSTDIR\notesearch.exe"
  Call ${UN}IsFree
  Pop $0
  Push "$INSTDIR\notesearch-cli.exe"
  Call ${UN}IsFree
  Pop $1
  ${If} $0 == 1
  ${AndIf} $1 == 1
    Call ${UN}SetAside
    Pop $0
    StrCmp $0 1 free
  ${EndIf}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "Files in $INSTDIR are in use. Close notesearch (its \
    icon may be beside the clock), and every terminal that runs it, then try again." \
    /SD IDCANCEL IDRETRY again
  SetErrorLevel ${NOT_DONE}
  Quit
  free:
FunctionEnd

; Say 1 where a file is not there, or is no program that runs: that cannot be written to.
Function ${UN}IsFree
  Exch $0
  ${If} ${FileExists} $0
    ClearErrors
    FileOpen $9 $0 a
    ${If} ${Errors}
      StrCpy $0 0
    ${Else}
      FileClose $9
      StrCpy $0 1
    ${EndIf}
  ${Else}
    StrCpy $0 1
  ${EndIf}
  Exch $0
FunctionEnd

; Give the folder of an earlier version's files another name, all of it or nothing; say 1 if done.
Function ${UN}SetAside
  RMDir /r "$INSTDIR\_internal.old"
  ClearErrors
  ${If} ${FileExists} "$INSTDIR\_internal\*.*"
    Rename "$INSTDIR\_internal" "$INSTDIR\_internal.old"
  ${EndIf}
  ${If} ${Errors}
    Push 0
  ${Else}
    Push 1
  ${EndIf}
FunctionEnd

; Say 1 where the value that starts notesearch with the session starts this one, and no other's.
Function ${UN}IsOurRun
  ReadRegStr $0 HKCU "${RUN}" "notesearch"
  StrLen $1 "$INSTDIR\notesearch.exe"
  StrCpy $2 $0 $1
  StrCpy $3 $0 $1 1 ; behind a quotation mark
  ${If} $2 == "$INSTDIR\notesearch.exe"
  ${OrIf} $3 == "$INSTDIR\notesearch.exe"
    Push 1
  ${Else}
    Push 0
  ${EndIf}
FunctionEnd

Function ${UN}RemoveRun
  Call ${UN}IsOurRun
  Pop $0
  ${If} $0 == 1
    DeleteRegValue HKCU "${RUN}" "notesearch"
    DeleteRegValue HKCU "${APPROVED}" "notesearch"
  ${EndIf}
FunctionEnd
!macroend
!insertmacro Functions ""
!insertmacro Functions "un."

; Installing ----------------------------------------------------------------------------------

Section "notesearch" SectionProgram
  SectionIn RO
  ${IfNot} ${FileExists} "$INSTDIR\notesearch.exe"
    ${If} ${FileExists} "${UNFINISHED}"
      RMDir /r "$INSTDIR\_internal"
      RMDir /r "$INSTDIR\_internal.old"
    ${ElseIf} ${FileExists} "$INSTDIR\_internal\*.*"
      !insertmacro Fail "$INSTDIR holds another program. Choose an empty folder."
    ${EndIf}
  ${EndIf}
  Call MakeFree
  SetOutPath "$INSTDIR"
  FileOpen $0 "${UNFINISHED}" w
  FileClose $0
  ; The programs last: until then, what was put aside can be taken back.
  SetOutPath "$INSTDIR\_internal"
  File /r "${DIST}\_internal\*.*"
  SetOutPath "$INSTDIR"
  File "/oname=notesearch.exe" "${PROGRAM}"
  File "/oname=notesearch-cli.exe" "${COMMANDS}"
  Delete "${UNFINISHED}"
  RMDir /r "$INSTDIR\_internal.old"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  ; Started by its path, shortcut and window have the same AppUserModelID without being given one.
  CreateShortcut "$SMPROGRAMS\notesearch.lnk" "$INSTDIR\notesearch.exe"
  WriteRegStr HKCU "${APP_PATHS}\notesearch.exe" "" "$INSTDIR\notesearch.exe"
  WriteRegStr HKCU "${APP_PATHS}\notesearch-cli.exe" "" "$INSTDIR\notesearch-cli.exe"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "notesearch"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\notesearch.exe"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  SectionGetSize ${SectionProgram} $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
!ifdef PUBLISHER
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${PUBLISHER}"
!endif
!ifdef HOMEPAGE
  WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "${HOMEPAGE}"
!endif
!ifdef ISSUES
  WriteRegStr HKCU "${UNINSTALL}" "HelpLink" "${ISSUES}"
!endif
!ifdef RELEASES
  WriteRegStr HKCU "${UNINSTALL}" "URLUpdateInfo" "${RELEASES}"
!endif
SectionEnd

Section /o "Start when I log in, without a window" SectionLogin
  ; What is there since earlier stays as it is, also where the Task Manager has switched it off.
  Call IsOurRun
  Pop $0
  ${If} $0 == 1
    Return
  ${EndIf}
  ; With quotation marks as Python puts them: the program compares this with what it would write.
  Push "$INSTDIR"
  Call HasSpace
  Pop $0
  ${If} $0 == 1
    WriteRegStr HKCU "${RUN}" "notesearch" '"$INSTDIR\notesearch.exe" --background'
  ${Else}
    WriteRegStr HKCU "${RUN}" "notesearch" "$INSTDIR\notesearch.exe --background"
  ${EndIf}
  DeleteRegValue HKCU "${APPROVED}" "notesearch"
SectionEnd

Section /o "Shortcut on the desktop" SectionDesktop
  CreateShortcut "$DESKTOP\notesearch.lnk" "$INSTDIR\notesearch.exe"
SectionEnd

; Off at first: it adds a folder to what is searched for good, and menus of folders are long.
Section /o "'Search with notesearch' in the menu of folders" SectionFolders
  WriteRegStr HKCU "${FOLDER_MENU}" "" "Search with notesearch"
  WriteRegStr HKCU "${FOLDER_MENU}" "Icon" "$INSTDIR\notesearch.exe"
  WriteRegStr HKCU "${FOLDER_MENU}\command" "" '"$INSTDIR\notesearch.exe" open "%V"'
SectionEnd

; What an earlier version set up and is not ticked any more.
Section "-removed"
  ${If} $Installed == ""
    Return
  ${EndIf}
  ${IfNot} ${SectionIsSelected} ${SectionLogin}
    Call RemoveRun
  ${EndIf}
  ${IfNot} ${SectionIsSelected} ${SectionDesktop}
    Delete "$DESKTOP\notesearch.lnk"
  ${EndIf}
  ${IfNot} ${SectionIsSelected} ${SectionFolders}
    DeleteRegKey HKCU "${FOLDER_MENU}"
  ${EndIf}
SectionEnd

LangString AboutProgram ${LANG_ENGLISH} "The program, and its entry in the Start menu. Nothing of \
  it needs the network."
LangString AboutLogin ${LANG_ENGLISH} "The quick search is there as soon as you log in. You can \
  change this in the settings of notesearch at any time."
LangString AboutDesktop ${LANG_ENGLISH} "An icon on your desktop."
LangString AboutFolders ${LANG_ENGLISH} "The menu of a folder in the Explorer adds that folder to \
  those that are searched."
!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionProgram} $(AboutProgram)
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionLogin} $(AboutLogin)
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionDesktop} $(AboutDesktop)
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionFolders} $(AboutFolders)
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Function .onInit
  ${IfNot} ${AtLeastWin10}
  ${OrIfNot} ${AtLeastBuild} ${FIRST_BUILD}
    !insertmacro Fail "notesearch needs Windows 10, version 1809, or later."
  ${EndIf}
  ${If} ${IsNativeARM64}
    ${IfNot} ${AtLeastBuild} ${FIRST_BUILD_ON_ARM}
      !insertmacro Fail "On Arm, notesearch needs Windows 11, which runs programs for x64."
    ${EndIf}
  ${ElseIfNot} ${IsNativeAMD64}
    !insertmacro Fail "notesearch needs a 64-bit Windows."
  ${EndIf}
  Call FindInstalled
FunctionEnd

; A newer version goes where the earlier one is, with what was chosen for that one.
Function FindInstalled
  ReadRegStr $Installed HKCU "${UNINSTALL}" "InstallLocation"
  ${If} $Installed == ""
  ${OrIfNot} ${FileExists} "$Installed\notesearch.exe"
    StrCpy $Installed ""
    Return
  ${EndIf}
  ${If} $INSTDIR != $Installed
  ${AndIf} $INSTDIR != "$LOCALAPPDATA\Programs\notesearch"
    !insertmacro Fail "notesearch is in $Installed. To have it in $INSTDIR, uninstall it there first."
  ${EndIf}
  StrCpy $INSTDIR $Installed
  Call IsOurRun
  Pop $0
  ${If} $0 == 1
    !insertmacro SelectSection ${SectionLogin}
  ${EndIf}
  ${If} ${FileExists} "$DESKTOP\notesearch.lnk"
    !insertmacro SelectSection ${SectionDesktop}
  ${EndIf}
  ReadRegStr $0 HKCU "${FOLDER_MENU}" ""
  ${If} $0 != ""
    !insertmacro SelectSection ${SectionFolders}
  ${EndIf}
FunctionEnd

; Without room on the disk, for instance: the earlier version is as it was, or nothing is there.
Function .onInstFailed
  SetOutPath "$TEMP"
  ${If} ${FileExists} "$INSTDIR\_internal.old\*.*"
    RMDir /r "$INSTDIR\_internal"
    Rename "$INSTDIR\_internal.old" "$INSTDIR\_internal"
  ${ElseIf} ${FileExists} "${UNFINISHED}"
    RMDir /r "$INSTDIR\_internal"
    Delete "$INSTDIR\notesearch.exe"
    Delete "$INSTDIR\notesearch-cli.exe"
  ${EndIf}
  Delete "${UNFINISHED}"
  RMDir "$INSTDIR"
FunctionEnd

Function SkipWhereInstalled
  ${If} $Installed != ""
    Abort ; this page, not the installation
  ${EndIf}
FunctionEnd

; Say 1 where there is a space in a text.
Function HasSpace
  Exch $0
  Push $1
  ${DoUntil} $0 == ""
    StrCpy $1 $0 1
    ${If} "[$1]" == "[ ]"
      ${ExitDo}
    ${EndIf}
    StrCpy $0 $0 "" 1
  ${Loop}
  ${If} $0 != ""
    StrCpy $0 1
  ${EndIf}
  Pop $1
  Exch $0
FunctionEnd

; Uninstalling --------------------------------------------------------------------------------

; First, since the program itself does it. Off at first: whoever installs again finds all as it was.
Section /o "un.Index, settings and log" SectionData
  Call un.MakeFree
  ; What is free now was put aside: it is needed once more.
  Rename "$INSTDIR\_internal.old" "$INSTDIR\_internal"
  nsExec::ExecToLog /TIMEOUT=120000 '"$INSTDIR\notesearch-cli.exe" --remove-data --yes'
  Pop $0
  ${If} $0 != 0
    !insertmacro Fail "What notesearch keeps for you could not be removed; nothing was \
      uninstalled. Try again, or keep it: untick Index, settings and log."
  ${EndIf}
SectionEnd

Section "un.notesearch" SectionGone
  SectionIn RO
  Call un.MakeFree
  RMDir /r "$INSTDIR\_internal.old"
  Delete "$INSTDIR\notesearch.exe"
  Delete "$INSTDIR\notesearch-cli.exe"
  Delete "$INSTDIR\uninstall.exe"
  Delete "${UNFINISHED}"
  ; Only if nothing else is in it: it may be a folder that was there before.
  SetOutPath "$TEMP"
  RMDir "$INSTDIR"

  Delete "$SMPROGRAMS\notesearch.lnk"
  Delete "$DESKTOP\notesearch.lnk"
  Call un.RemoveRun
  DeleteRegKey HKCU "${FOLDER_MENU}"
  DeleteRegKey HKCU "${APP_PATHS}\notesearch.exe"
  DeleteRegKey HKCU "${APP_PATHS}\notesearch-cli.exe"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd

LangString AboutGone ${LANG_ENGLISH} "The program, its shortcuts and its start when you log in. \
  Your notes stay as they are."
LangString AboutData ${LANG_ENGLISH} "What notesearch remembers of your notes, how you set it up, \
  and its log. Your notes stay as they are."
!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionGone} $(AboutGone)
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionData} $(AboutData)
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END

Function un.onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/PURGE=" $1
  ${IfNot} ${Errors}
  ${AndIf} $1 == "1"
    !insertmacro SelectSection ${SectionData}
  ${EndIf}
FunctionEnd
