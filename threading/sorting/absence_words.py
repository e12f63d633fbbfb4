"""Months, weekdays and the words around the dates of an absence, lower-case: data only."""

# Month names and the abbreviations that letters use; the inflected forms of Slavic languages, Finnish and Greek stand beside them.
MONTHS: tuple[str, ...] = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari tammikuu tammikuuta stycznia styczeń sty ledna leden januára január januarie ianuarie ian януари января январь янв січня січень ιανουαρίου ιανουάριος ocak يناير ינואר ژانویه januara januarja jaanuar jaanuaril janvāris janvārī sausio",
    "february feb februar feber février févr fév febrero febbraio fevereiro fev februari helmikuu helmikuuta lutego luty lut února únor februára február februarie февруари февраля февраль фев лютого лютий φεβρουαρίου şubat فبراير פברואר فوریه februara veebruar veebruaril februāris februārī vasario",
    "march mar märz mär mrz mars marzo março marco maart mrt maaliskuu maaliskuuta marca marzec března březen marec március martie март марта мар березня березень μαρτίου μάρτιος mart مارس מרץ märts märtsil marts martā kovo",
    "april apr avril avr abril aprile huhtikuu huhtikuuta kwietnia kwiecień kwi dubna duben apríla apríl április aprilie април апреля апрель апр квітня квітень απριλίου nisan أبريل ابريل אפריל آوریل aprila aprill aprillil aprīlis aprīlī balandžio",
    "may mai mayo maggio mag maio mei maj toukokuu toukokuuta maja května květen mája máj május май мая травня травень μαΐου μάιος mayıs مايو מאי مه mail maijs maijā gegužės",
    "june jun juni juin junio giugno giu junho kesäkuu kesäkuuta czerwca czerwiec cze června červen júna jún június iunie юни июня июнь июн червня червень ιουνίου haziran يونيو יוני ژوئن juna junija juuni juunil jūnijs jūnijā birželio",
    "july jul juli juillet juil julio luglio lug julho heinäkuu heinäkuuta lipca lipiec lip července červenec júla júl július iulie юли июля июль июл липня липень ιουλίου temmuz يوليو יולי ژوئیه jula julija juuli juulil jūlijs jūlijā liepos",
    "august aug août aout agosto ago augustus augusti elokuu elokuuta sierpnia sierpień sie srpna srpen augusta augusztus август августа авг серпня серпень αυγούστου ağustos أغسطس אוגוסט اوت avgusta augustil augusts augustā rugpjūčio",
    "september sep sept septembre septiembre settembre set setembro syyskuu syyskuuta września wrzesień wrz září septembra szeptember septembrie септември сентября сентябрь сен вересня вересень σεπτεμβρίου eylül سبتمبر ספטמבר سپتامبر septembril septembris septembrī rugsėjo",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuu lokakuuta października październik paź října říjen októbra október octombrie октомври октября октябрь окт жовтня жовтень οκτωβρίου ekim أكتوبر אוקטובר اکتبر oktobra oktoober oktoobril oktobris oktobrī spalio",
    "november nov novembre noviembre novembro marraskuu marraskuuta listopada listopad lis listopadu novembra noiembrie ноември ноября ноябрь листопада листопад νοεμβρίου kasım نوفمبر נובמבר نوامبر novembril novembris novembrī lapkričio",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro joulukuu joulukuuta grudnia grudzień gru prosince prosinec decembra decembrie декември декабря декабрь дек грудня грудень δεκεμβρίου aralık ديسمبر דצמבר دسامبر detsember detsembril decembris decembrī gruodžio",
)  # fmt: skip

# Monday first.
WEEKDAYS: tuple[str, ...] = (
    "monday montag lundi lunes lunedì segunda-feira maandag måndag mandag maanantai maanantaihin maanantaina poniedziałek poniedziałku pondělí pondelok hétfő luni понеделник понедельник понедельника понеділок δευτέρα pazartesi الاثنين 星期一 周一 月曜日 월요일",
    "tuesday dienstag mardi martes martedì terça-feira dinsdag tisdag tirsdag tiistai tiistaihin tiistaina wtorek wtorku úterý utorok kedd marți вторник вторника вівторок τρίτη salı الثلاثاء 星期二 周二 火曜日 화요일",
    "wednesday mittwoch mercredi miércoles mercoledì quarta-feira woensdag onsdag keskiviikko keskiviikkoon keskiviikkona środa środę środy středa středy streda szerda miercuri сряда среда среды середа τετάρτη çarşamba الأربعاء 星期三 周三 水曜日 수요일",
    "thursday donnerstag jeudi jueves giovedì quinta-feira donderdag torsdag torstai torstaihin torstaina czwartek czwartku čtvrtek čtvrtka štvrtok csütörtök joi четвъртък четверг четверга четвер πέμπτη perşembe الخميس 星期四 周四 木曜日 목요일",
    "friday freitag vendredi viernes venerdì sexta-feira vrijdag fredag perjantai perjantaihin perjantaina piątek piątku pátek pátku piatok péntek vineri петък пятница пятницы п'ятниця παρασκευή cuma الجمعة 星期五 周五 金曜日 금요일",
    "saturday samstag sonnabend samedi sábado sabato zaterdag lördag lørdag lauantai sobota soboty sobotu szombat sâmbătă събота суббота субботы субота σάββατο cumartesi السبت 星期六 周六 土曜日 토요일",
    "sunday sonntag dimanche domingo domenica zondag söndag søndag sunnuntai niedziela niedzieli neděle neděli nedeľa vasárnap duminică неделя воскресенье воскресенья неділя κυριακή pazar الأحد 星期日 周日 日曜日 일요일",
)  # fmt: skip

TOMORROW = (
    "tomorrow",
    "morgen wieder",
    "demain",
    "mañana",
    "domani",
    "amanhã",
    "i morgon",
    "i morgen",
    "huomenna",
    "jutro",
    "zítra",
    "zajtra",
    "holnap",
    "mâine",
    "утре",
    "завтра",
    "αύριο",
    "yarın",
    "غدا",
    "מחר",
    "明天",
    "明日",
    "내일",
)

# Before a date: on that day the author is there again.
RETURNS = (
    "back on", "back in the office on", "back in the office", "back at work", "be back", "am back", "i'm back", "returning on", "returning", "return on", "return to the office on", "return to work on", "will return", "i return", "return date", "available again", "available from", "reachable again", "resume work",
    "wieder ab", "wieder am", "wieder erreichbar ab", "wieder im büro ab", "wieder im büro am", "wieder im haus ab", "wieder da ab", "bin ab", "bin am", "ab dem", "ab", "zurück am", "zurück ab", "rückkehr am", "rückkehr", "zurück im büro", "kehre am", "bin ich am", "bin ich ab", "de retour le", "de retour", "serai de retour", "retour le", "retour prévu le", "rentre le", "à partir du", "à compter du", "disponible le", "de vuelta el", "regreso el", "regresaré el", "regreso", "regresaré", "vuelvo el", "volveré el", "me reincorporo el", "reincorporaré el", "a partir del", "disponible a partir",
    "rientro il", "rientrerò il", "rientro", "rientrerò", "ritorno il", "tornerò il", "sarò di ritorno il", "di ritorno il", "di nuovo in ufficio", "a partire dal", "dal giorno", "regresso a", "regresso no dia", "regressarei", "retorno em", "retorno no dia", "retornarei", "retorno", "volto no dia", "volto a", "voltarei", "estarei de volta", "de volta em", "a partir de", "a partir do dia", "terug op", "ben ik terug", "ik ben terug", "weer terug", "weer aanwezig", "weer bereikbaar", "vanaf", "per", "åter den", "åter på kontoret", "tillbaka den", "tillbaka", "är åter", "från och med", "fr.o.m.", "tilbage den", "tilbage", "retur den", "er tilbage", "tilbake", "tilbake den", "er tilbake", "fra og med", "fra den", "palaan", "takaisin", "tavoitettavissa", "jälleen", "alkaen",
    "wracam", "wrócę", "powrót", "będę", "dostępny od", "dostępna od", "od dnia", "vrátím se", "vracím se", "zpět", "zpět v kanceláři", "opět od", "budu", "vrátim sa", "vraciam sa", "späť", "opäť od", "visszatérek", "újra elérhető", "revin", "mă întorc", "voi reveni", "revin pe", "începând cu", "ще се върна", "връщам се", "обратно на", "на разположение от", "вернусь", "возвращаюсь", "выйду", "выхожу", "буду на месте", "буду доступен", "буду доступна", "на связи с", "повернуся", "повертаюсь", "буду на роботі", "επιστρέφω", "θα επιστρέψω", "επιστροφή", "döneceğim", "dönüş", "سأعود", "العودة", "אחזור", "חוזר", "חוזרת", "בחזרה", "برمی‌گردم", "返回", "回来", "回來", "恢复", "復帰", "出社", "戻り", "복귀", "돌아", "출근", "trở lại", "quay lại", "kembali", "vraćam se", "vračam se", "tagasi", "atgriezīšos", "grįšiu",
)  # fmt: skip

# Before a date: it is the last day, or the day before the return.
UNTIL = (
    "until", "till", "til", "through", "thru", "up to", "up to and including", "ends on", "bis", "bis zum", "bis einschließlich", "bis inkl.", "bis einschl.", "bis inklusive", "jusqu'au", "jusqu’au", "jusqu'à", "jusqu’à", "jusque", "hasta", "hasta el", "hasta el día", "fino al", "fino a", "sino al", "fino all'", "até", "até o dia", "até ao dia", "até dia", "tot", "tot en met", "t/m", "t.e.m.", "till och med", "t.o.m.", "fram till", "til og med", "t.o.m", "indtil", "frem til", "asti", "saakka", "do", "do dnia", "až do", "až po", "до", "включно до", "по", "până", "până la", "până în", "pana pe", "μέχρι", "έως", "ως", "حتى", "עד", "تا", "至", "到", "直到", "đến", "tới", "sampai", "hingga", "kuni", "līdz", "iki", "vom", "-", "–", "—", "to", "au", "al", "a", "ao", "and",
)  # fmt: skip
# After a date.
UNTIL_AFTER = (
    "まで",
    "까지",
    "tarihine kadar",
    "'e kadar",
    "'ya kadar",
    "kadar",
    "saakka",
    "asti",
    "-ig",
    "ig",
    "为止",
    "為止",
    "inclusive",
    "einschließlich",
)
RETURNS_AFTER = (
    "wieder",
    "zurück",
    "terug",
    "tillbaka",
    "tilbage",
    "tilbake",
    "takaisin",
    "dönüyorum",
    "döneceğim",
    "dönüş",
    "ofiste olacağım",
    "itibariyle",
    "itibaren",
    "tarihinde",
    "より",
    "から",
    "に復帰",
    "に出社",
    "に戻",
    "に返",
    "부터",
    "에 복귀",
    "에 돌아",
    "返回",
    "回来",
    "回來",
    "回到",
    "恢复",
    "起",
    "-án visszatérek",
    "-én visszatérek",
    "-tól",
    "-től",
    "visszatérek",
    "alkaen",
    "lähtien",
)

# Before the deputy's address.
DEPUTY = (
    "contact", "write to", "reach out to", "reach", "e-mail to", "email to", "email", "please mail", "forward", "turn to", "in my absence", "urgent", "emergency", "emergencies", "substitute", "deputy", "colleague", "instead", "get in touch", "assist", "cover", "covering", "replacement", "speak to", "wenden sie sich", "wende dich", "kontaktieren", "vertretung", "vertritt", "vertreten", "kollege", "kollegin", "kollegen", "dringend", "notfall", "ansprechpartner", "an:", "schreiben sie", "erreichen sie", "contacter", "contactez", "adresser", "adressez", "urgence", "urgent", "remplac", "collègue", "joindre", "écrire à", "contactar", "contacte", "contacten", "póngase en contacto", "dirigirse", "diríjase", "urgente", "urgencia", "escriba", "escribir", "sustitu", "compañer",
    "contattare", "contatti", "contatta", "rivolgersi", "rivolgetevi", "urgenz", "urgenti", "scrivere", "collega", "sostitu", "contatar", "contactar", "contacte", "contate", "urgênc", "substitu", "colega", "escreva", "neem contact", "contact opnemen", "wend u", "spoed", "dringende", "vervang", "waarnem", "mailen", "kontakta", "vänd dig", "ersätt", "brådskande", "akut", "kollega", "kontakt", "henvend", "haste", "vikar", "erstatter", "stedfortræder", "stedfortreder", "ottakaa yhteyttä", "ota yhteyttä", "yhteys", "kiireel", "sijainen", "sijaise", "skontakt", "kontaktować", "proszę o kontakt", "pilnych", "zastęp", "kierować", "kontaktujte", "obraťte", "naléhav", "zastup", "zástup", "kolega", "kolegyn", "kérem, forduljon", "forduljon", "keresse", "sürgős", "helyettes", "contactați", "contactati", "urgenț", "înlocui", "свържете", "спешн", "замест", "обращ", "обратитесь", "связаться", "свяжитесь", "срочн", "замеща", "пишите", "звертай", "зв'яжіться", "термінов", "заміщ", "επικοινων", "επείγον", "αντικατα", "iletişime geç", "acil", "başvur", "ulaşabilir", "vekil", "التواصل", "الاتصال", "عاجل", "לפנות", "דחוף", "פנו", "تماس", "联系", "聯繫", "聯絡", "联络", "紧急", "緊急", "代理", "連絡", "至急", "お急ぎ", "担当", "연락", "긴급", "대신", "문의", "liên hệ", "hubungi", "mendesak",
)  # fmt: skip
