import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notesearch.core import language
from notesearch.core.language import NAMES, Foreign, Recogniser, foreign, prose

TEXTS = {
    "de": [
        ("# Brot backen\n\nDer Teig muss über Nacht im **Kühlschrank** ruhen. Am nächsten "
        "Morgen wird er noch einmal gefaltet und bei 250 Grad gebacken."),
        ("- Server läuft jetzt mit `docker compose up -d`\n- Das Backup wird jede Nacht auf "
        "die externe Platte geschrieben, siehe [Anleitung](https://example.org/backup).\n- "
        "Offen: Wer kümmert sich um die Updates?"),
        ("Gespräch mit Anna über den Urlaub: Wir wollen im Mai mit dem Zug nach Italien. Sie "
        "fragt noch wegen der Katze. #reise"),
    ],
    "fr": [
        ("# Le jardin\n\nLes tomates ont besoin de beaucoup de **soleil** et d'eau. Je les ai "
        "plantées trop tôt cette année, il a gelé deux nuits de suite."),
        ("J'ai configuré le serveur avec `nginx` et Docker. Il faut encore renouveler le "
        "certificat TLS avant la fin du mois, voir [la doc](https://example.org)."),
        ("- Appeler le médecin pour les résultats\n- Acheter du pain et du fromage\n- Rendre "
        "les livres à la bibliothèque"),
    ],
    "es": [
        ("# Receta de la abuela\n\nPrimero se pelan las patatas y se cortan en **rodajas** "
        "finas. Luego se fríen despacio con cebolla en abundante aceite de oliva."),
        ("Hoy hemos hecho el deploy del backend en Kubernetes. El problema era que la "
        "variable `DATABASE_URL` no estaba definida en el pod."),
        ("- Llamar al fontanero por la gotera\n- Comprar los billetes de tren para Sevilla\n- "
        "Preguntar a Lucía si viene el domingo"),
    ],
    "it": [
        ("# Viaggio in Sicilia\n\nSiamo arrivati a Palermo di sera e abbiamo mangiato "
        "**benissimo**. Il giorno dopo siamo andati al mare con la macchina di mio cugino."),
        ("Per aggiornare il sito basta fare `git push` sul branch principale. La pipeline "
        "compila tutto e pubblica i file sul server di produzione."),
        ("- Pagare la bolletta della luce\n- Chiamare il dentista\n- Finire di leggere il "
        "libro che mi ha prestato Marco"),
    ],
    "pt": [
        ("# Reunião de segunda\n\nDecidimos que o lançamento fica para **outubro**. A equipa "
        "ainda não terminou os testes e falta traduzir a documentação."),
        ("O script de backup não está funcionando desde ontem. Preciso verificar as "
        "permissões da pasta e o `cron` do servidor."),
        ("- Comprar pão e leite\n- Ligar para a minha mãe\n- Não esquecer de pagar a conta da "
        "água até sexta"),
    ],
    "nl": [
        ("# Tuin\n\nDe tomaten moeten **elke dag** water krijgen als het zo warm is. Volgend "
        "jaar wil ik ook bonen en courgettes proberen."),
        ("De nieuwe versie van de app staat op de server. Je moet nog wel even de `cache` "
        "legen, anders zie je de oude pagina's."),
        ("- Boodschappen doen voor het weekend\n- De huisarts bellen\n- Kijken of de fiets al "
        "gemaakt is"),
    ],
    "pl": [
        ("# Przepis na pierogi\n\nCiasto trzeba dobrze **wyrobić** i odstawić na pół godziny. "
        "Farsz robimy z ziemniaków, sera i smażonej cebuli."),
        ("Serwer przestał odpowiadać po ostatniej aktualizacji. Trzeba sprawdzić logi w "
        "`journalctl` i zrestartować usługę nginx."),
        ("- Zadzwonić do mechanika\n- Kupić prezent dla mamy\n- Oddać książki do biblioteki "
        "przed piątkiem"),
    ],
    "ru": [
        ("# Дача\n\nВ этом году картошка выросла **очень хорошая**, а огурцы почти все "
        "замёрзли в мае. Надо починить забор до осени."),
        ("Настроил сервер через `docker compose`, теперь нужно проверить резервные копии. "
        "Смотри [инструкцию](https://example.org)."),
        "- Позвонить врачу\n- Купить хлеб и молоко\n- Спросить у Маши про билеты на поезд",
    ],
    "uk": [
        ("# Сад\n\nЦього року яблука вродили **дуже добре**, а вишні майже всі померзли. "
        "Треба ще полагодити паркан до зими."),
        ("Налаштував сервер через `docker compose`, тепер потрібно перевірити резервні копії. "
        "Дивись [інструкцію](https://example.org)."),
        "- Подзвонити лікарю\n- Купити хліб і молоко\n- Запитати в Оксани про квитки на потяг",
    ],
    "el": [
        ("# Ταξίδι στην Κρήτη\n\nΤο πλοίο φεύγει στις εννέα το βράδυ από τον **Πειραιά**. "
        "Πρέπει να κλείσουμε δωμάτιο για τρεις νύχτες στα Χανιά."),
        ("Ο διακομιστής δεν απαντά μετά την τελευταία ενημέρωση του Docker. Πρέπει να ελέγξω "
        "τα αρχεία καταγραφής με `journalctl`."),
        ("- Να πάρω τηλέφωνο τη μητέρα μου\n- Να αγοράσω ψωμί και γάλα\n- Να πληρώσω τον "
        "λογαριασμό"),
    ],
    "tr": [
        ("# Bahçe\n\nDomatesleri bu yıl çok **erken** diktim, iki gece don oldu. Gelecek sene "
        "mayıs ayını beklemem gerekiyor."),
        ("Sunucuyu `docker` ile yeniden kurdum ama yedekleme hâlâ çalışmıyor. Yarın günlük "
        "dosyalarına bakacağım."),
        "- Doktoru aramak\n- Ekmek ve süt almak\n- Kitapları kütüphaneye geri götürmek",
    ],
    "cs": [
        ("# Zahrada\n\nRajčata potřebují hodně **slunce** a vody. Letos jsem je zasadil "
        "příliš brzy a dvě noci mrzlo."),
        ("Server po poslední aktualizaci přestal odpovídat. Musím zkontrolovat logy přes "
        "`journalctl` a znovu spustit službu nginx."),
        ("- Zavolat doktorovi\n- Koupit chleba a mléko\n- Vrátit knihy do knihovny, než "
        "skončí lhůta"),
    ],
    "sv": [
        ("# Trädgården\n\nTomaterna behöver mycket **sol** och vatten. I år planterade jag "
        "dem för tidigt och det frös två nätter i rad."),
        ("Servern slutade svara efter den senaste uppdateringen. Jag måste kolla loggarna med "
        "`journalctl` och starta om tjänsten."),
        ("- Ringa läkaren om proverna\n- Köpa bröd och mjölk\n- Lämna tillbaka böckerna till "
        "biblioteket"),
    ],
    "zh": [
        ("# 读书笔记\n\n这本书主要讲的是如何养成**良好的习惯"
        "**。作者认为环境比意志力更重要，所以应该先改变周围的环境。"),
        "服务器昨天升级之后就一直没有响应。需要先看看 `journalctl` 的日志，再重启 nginx 服务。",
        "- 给妈妈打电话\n- 买面包和牛奶\n- 周五之前把书还给图书馆",
    ],
    "ja": [
        ("# 旅行の計画\n\n五月に家族で**京都**へ行く予定です。新幹"
        "線の切符はまだ買っていないので、来週までに予約しなければなりません。"),
        ("サーバーが昨日のアップデートの後から応答しなくなった。`jour"
        "nalctl` のログを確認してから Docker を再起動する。"),
        "- 母に電話する\n- パンと牛乳を買う\n- 図書館に本を返す",
    ],
    "ko": [
        ("# 독서 노트\n\n이 책은 좋은 **습관**을 어떻게 만드는지에"
        " 대한 이야기이다. 저자는 의지력보다 환경이 더 중요하다고 말한다."),
        ("어제 업데이트한 뒤로 서버가 응답하지 않는다. 먼저 `journ"
        "alctl` 로그를 확인하고 Docker를 다시 시작해야 한다."),
        "- 어머니께 전화하기\n- 빵과 우유 사기\n- 금요일까지 도서관에 책 반납하기",
    ],
    "ar": [
        ("# وصفة الخبز\n\nيجب أن يرتاح العجين طوال الليل في **الثلاجة**. في الصباح نعجنه مرة "
        "أخرى ونخبزه في فرن ساخن جدا."),
        ("توقف الخادم عن الاستجابة بعد التحديث الأخير. يجب أن أراجع السجلات باستخدام "
        "`journalctl` ثم أعيد تشغيل الخدمة."),
        "- الاتصال بالطبيب\n- شراء الخبز والحليب\n- إعادة الكتب إلى المكتبة قبل يوم الجمعة",
    ],
    "he": [
        ("# מתכון ללחם\n\nהבצק צריך לנוח כל הלילה **במקרר**. בבוקר לשים אותו שוב ואופים בתנור "
        "חם מאוד."),
        ("השרת הפסיק להגיב אחרי העדכון האחרון. צריך לבדוק את הלוגים עם `journalctl` ולהפעיל "
        "מחדש את השירות."),
        "- להתקשר לרופא\n- לקנות לחם וחלב\n- להחזיר את הספרים לספרייה עד יום שישי",
    ],
    "hi": [
        ("# बगीचा\n\nटमाटर को बहुत **धूप** और पानी चाहिए। इस साल मैंने उन्हें बहुत जल्दी लगा "
        "दिया और दो रात पाला पड़ गया।"),
        ("पिछले अपडेट के बाद से सर्वर जवाब नहीं दे रहा है। पहले `journalctl` में लॉग देखना है "
        "और फिर सेवा को दोबारा शुरू करना है।"),
        ("- डॉक्टर को फ़ोन करना है\n- रोटी और दूध खरीदना है\n- शुक्रवार तक किताबें वापस करनी "
        "हैं"),
    ],
    "th": [
        ("# สวนหลังบ้าน\n\nมะเขือเทศต้องการ **แสงแดด** และน้ำมาก ปีนี้ฉันปลูกเร็วเกินไป "
        "เลยตายไปหลายต้น"),
        ("เซิร์ฟเวอร์ไม่ตอบสนองหลังจากอัปเดตเมื่อวานนี้ ต้องตรวจสอบบันทึกด้วย `journalctl` "
        "แล้วเริ่มบริการใหม่"),
        "- โทรหาหมอ\n- ซื้อขนมปังและนม\n- คืนหนังสือที่ห้องสมุดก่อนวันศุกร์",
    ],
    "vi": [
        ("# Khu vườn\n\nCà chua cần rất nhiều **ánh nắng** và nước. Năm nay tôi trồng quá sớm "
        "nên bị chết mấy cây."),
        ("Máy chủ không phản hồi sau lần cập nhật gần đây. Cần kiểm tra nhật ký bằng "
        "`journalctl` rồi khởi động lại dịch vụ."),
        "- Gọi điện cho bác sĩ\n- Mua bánh mì và sữa\n- Trả sách cho thư viện trước thứ sáu",
    ],
    "no": [
        ("# Hage\n\nTomatene trenger mye **sol** og vann. I år plantet jeg dem for tidlig, og "
        "det frøs to netter på rad."),
        ("- Ringe legen om prøvene\n- Kjøpe brød og melk\n- Levere tilbake bøkene til "
        "biblioteket"),
    ],
    "da": [
        ("# Have\n\nTomaterne har brug for meget **sol** og vand. I år plantede jeg dem for "
        "tidligt, og det frøs to nætter i træk."),
        "- Ringe til lægen\n- Købe brød og mælk\n- Aflevere bøgerne på biblioteket",
    ],
    "hr": [
        ("# Vrt\n\nRajčice trebaju puno **sunca** i vode. Ove godine sam ih posadio prerano i "
        "dvije noći je bio mraz."),
        "- Nazvati liječnika\n- Kupiti kruh i mlijeko\n- Vratiti knjige u knjižnicu do petka",
    ],
    "sk": [
        ("# Záhrada\n\nParadajky potrebujú veľa **slnka** a vody. Tento rok som ich zasadil "
        "príliš skoro a dve noci mrzlo."),
    ],
    "fi": [
        ("# Puutarha\n\nTomaatit tarvitsevat paljon **aurinkoa** ja vettä. Tänä vuonna "
        "istutin ne liian aikaisin ja kahtena yönä oli pakkasta."),
    ],
    "hu": [
        ("# Kert\n\nA paradicsomnak sok **nap** és víz kell. Idén túl korán ültettem el, és "
        "két éjszaka is fagyott."),
    ],
    "ro": [
        ("# Grădina\n\nRoșiile au nevoie de mult **soare** și apă. Anul acesta le-am plantat "
        "prea devreme și a înghețat două nopți."),
    ],
    "bg": [
        ("# Градина\n\nДоматите имат нужда от много **слънце** и вода. Тази година ги засадих "
        "твърде рано и две нощи имаше слана."),
    ],
}  # fmt: skip

ENGLISH = [
    "Restarted the nginx service after the update; the logs were in `/var/log`.",
    "- Call the dentist\n- Buy bread and milk\n- Return the books to the library",
    "# Bread\n\nThe dough has to rest in the fridge overnight, and is baked hot in the morning.",
    "Use `git rebase -i HEAD~3` to squash the last commits. See [docs](https://git-scm.com).",
    "> The German text is in the file:\n\n```\nDas ist ein deutscher Text, der nicht zählt.\n```",
    "Deploy failed: pod crash loop. Rollback done.",
]  # fmt: skip

NOTHING = [
    "", "   ", "# TODO", "12 345 67,8\n2024-01-02 2024-02-03", "git git git\nnpm install",
    "| a | b |\n|---|---|\n| 1 | 2 |\n| 3.4 | 5 |", "https://example.org/der/die/das/und/nicht",
    "```\nDies ist ein deutscher Text in einem Block, und er zählt nicht.\n```",
    "- ~~~\n  Dies ist ein deutscher Text in einem Block, und er zählt nicht.",
    "`das ist ein deutscher Text und er zählt nicht`", "/usr/bin/env foo_bar --baz",
    "Docker Kubernetes Terraform Ansible Prometheus Grafana", "Kaffee", "\ud800" * 30,
]  # fmt: skip


@pytest.fixture(scope="module")
def recogniser():
    return Recogniser()


@pytest.mark.parametrize(("code", "text"), [(c, text) for c in TEXTS for text in TEXTS[c]])
def test_short_notes_are_recognised(recogniser, code, text):
    assert recogniser.language_of(text) == code


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_terms_and_code_is_english(recogniser, text):
    assert recogniser.language_of(text) == "en"


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_prose_has_no_language(recogniser, text):
    assert recogniser.language_of(text) is None


def test_dialects_are_the_language_that_they_belong_to(recogniser):
    assert recogniser.language_of("请看 Docker 文档，里面有详细的说明。") == "zh"


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_looked_at(recogniser, text):
    assert recogniser.language_of(text) in {None, *NAMES}


@pytest.mark.parametrize("text", [
    "`" * 50_000, "- " * 50_000, "a" * 100_000, "a/" * 50_000, "```\n" * 50_000, "> " * 50_000,
    ("    " * 20 + "\n") * 1_000, "*" * 50_000, "a:" * 50_000, "a@" * 50_000,
])  # fmt: skip
def test_no_text_takes_long(recogniser, text):
    recogniser.language_of(text)


def test_code_addresses_and_markup_are_no_prose():
    text = "**See** [[Note|here]] `code` a/b/c https://x.org me@x.org\n```\nfenced\n```\nthe end"
    assert prose(text).split() == ["See", "here", "the", "end"]


def test_a_library_in_german_is_foreign_to_an_english_model():
    found = foreign(TEXTS["de"] * 2 + TEXTS["pl"] + ENGLISH[:1] + NOTHING, {"en"})
    assert found == Foreign(recognised=10, foreign=9, language="de")
    assert found.share == 0.9
    assert found.name == "German"
    assert found.mostly


def test_a_model_that_knows_the_language_is_right():
    found = foreign(TEXTS["de"] + ENGLISH, {"en", "de"})
    assert found == Foreign(recognised=3 + len(ENGLISH))
    assert (found.share, found.name, found.mostly) == (0, "", False)


def test_of_equally_frequent_languages_the_first_code_is_named():
    assert foreign(TEXTS["ru"] + TEXTS["de"], {"en"}).language == "de"


def test_without_texts_nothing_is_foreign():
    assert foreign([], {"en"}) == Foreign()
    assert not Foreign().mostly


@pytest.mark.parametrize(("unknown", "recognised", "mostly"), [
    (1, 1, False), (3, 3, False), (4, 4, True), (4, 5, False), (8, 10, False), (9, 10, True),
    (15, 20, True), (60, 100, True), (59, 100, False), (150, 300, False), (168, 300, True),
    (0, 10, False), (1, 300, False),
])  # fmt: skip
def test_a_clear_majority_is_mostly(unknown, recognised, mostly):
    assert Foreign(recognised, unknown, "de").mostly is mostly


@given(st.integers(4, 1_000))
def test_mostly_is_more_than_half(recognised):
    least = next(n for n in range(recognised + 1) if Foreign(recognised, n, "de").mostly)
    assert least > recognised / 2
    assert least <= recognised / 2 + math.sqrt(recognised) + 1


def test_every_language_has_a_name_and_parts_belong_to_one():
    assert all(len(code) == 2 and name[0].isupper() for code, name in NAMES.items())
    assert set(language._PARTS_OF.values()) <= set(NAMES)
    assert not set(language._PARTS_OF) & set(NAMES)
