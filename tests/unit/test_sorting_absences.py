"""Notes of absence: when their author is there again, and who stands in. Every mail is of Monday, 3 June 2024, unless it says so."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Kind, Mailbox, OutOfOffice
from helpdesk.threading.sorting.return_dates import return_date

MONDAY = date(2024, 6, 3)

# Text → the day of the return, as month and day of 2024.
RETURNS: dict[str, tuple[int, int]] = {
    "I am out of the office and will be back on 12 June.": (6, 12),
    "I will be out of the office until June 12th.": (6, 13),
    "I'm on vacation through Friday, June 14, 2024.": (6, 15),
    "I am away from 5 June to 9 June with no access to email.": (6, 10),
    "Thanks for your mail. I'm back in the office on Monday, 10 June 2024.": (6, 10),
    "I will return on 2024-06-17.": (6, 17),
    "I am out of the office, returning 6/17/2024.": (6, 17),
    "I am out of office till Thursday.": (6, 7),
    "I will be back tomorrow.": (6, 4),
    "On leave 10 - 14 June. I will be back on 17 June and answer then.": (6, 17),
    "Ich bin bis 14. Juni nicht im Büro.": (6, 15),
    "Ich bin vom 05.06. bis einschließlich 14.06.2024 im Urlaub.": (6, 15),
    "Ab dem 17.06.2024 bin ich wieder erreichbar.": (6, 17),
    "Ich bin am Montag, den 17. Juni wieder im Haus.": (6, 17),
    "Ich bin ab 1.7. wieder für Sie da.": (7, 1),
    "Je suis absent du bureau jusqu'au 14 juin inclus.": (6, 15),
    "En congés, je serai de retour le lundi 17 juin 2024.": (6, 17),
    "Je suis en vacances du 5 au 14 juin.": (6, 15),
    "Estoy de vacaciones hasta el 14 de junio.": (6, 15),
    "Estoy fuera de la oficina. Regreso el 17 de junio de 2024.": (6, 17),
    "Sono in ferie fino al 14 giugno.": (6, 15),
    "Sono fuori ufficio, rientro il 17/06/2024.": (6, 17),
    "Estou de férias até 14 de junho.": (6, 15),
    "Estou ausente. Volto a 17 de junho.": (6, 17),
    "Ik ben met vakantie tot en met 14 juni.": (6, 15),
    "Ik ben afwezig en vanaf maandag 17 juni weer bereikbaar.": (6, 17),
    "Jag är på semester till och med 14 juni.": (6, 15),
    "Jag är åter på kontoret den 17 juni.": (6, 17),
    "Jeg holder ferie til og med 14. juni.": (6, 15),
    "Jeg er tilbage mandag den 17. juni.": (6, 17),
    "Jeg er ute av kontoret og er tilbake 17. juni.": (6, 17),
    "Olen lomalla 14.6. asti.": (6, 15),
    "Olen lomalla. Palaan 17. kesäkuuta.": (6, 17),
    "Jestem na urlopie do 14 czerwca.": (6, 15),
    "Przebywam na urlopie. Wracam 17.06.2024.": (6, 17),
    "Jsem na dovolené do 14. června.": (6, 15),
    "Jsem na dovolené, vrátím se 17. 6. 2024.": (6, 17),
    "Som na dovolenke do 14. júna.": (6, 15),
    "Szabadságon vagyok június 14-ig.": (6, 15),
    "Sunt în concediu până la 14 iunie.": (6, 15),
    "В отпуска съм до 14 юни.": (6, 15),
    "Я в отпуске до 14 июня.": (6, 15),
    "Меня нет на месте. Вернусь 17 июня 2024.": (6, 17),
    "Я у відпустці до 14 червня.": (6, 15),
    "Είμαι σε άδεια μέχρι 14 Ιουνίου.": (6, 15),
    "14 Haziran tarihine kadar izindeyim.": (6, 15),
    "İzindeyim, 17 Haziran tarihinde ofiste olacağım.": (6, 17),
    "أنا في إجازة حتى 14 يونيو.": (6, 15),
    "אני בחופשה עד 14 יוני.": (6, 15),
    "我在休假，至6月14日。": (6, 15),
    "我外出，2024年6月17日返回。": (6, 17),
    "6月14日まで休暇をいただいております。": (6, 15),
    "休暇中です。6月17日より出社いたします。": (6, 17),
    "6월 14일까지 휴가입니다.": (6, 15),
    "휴가 중입니다. 6월 17일에 복귀합니다.": (6, 17),
}
NO_RETURN = (
    "I am out of the office.",
    "I am away. Call 555-12-34 or +49 30 1234567.",
    "I am out of office since 28 May.",
    "Our fair opens on 12 June. I am out of the office.",
    "Ich bin abwesend. Zimmer 3.17, Tel. 12.34.56",
    "I am on leave. Version 5.6.24 is out.",
    "I will be back on 45 June.",
    "I am away until 31 December 2199.",
)


def note(text: str, **fields: str) -> bytes:
    given = {"subject": "Automatic reply: Login", "auto_submitted": "auto-replied", "date": "Mon, 03 Jun 2024 09:00:00 +0000"}
    return mail(text, content_type="text/plain; charset=utf-8", **{**given, **fields})


@pytest.mark.parametrize("text", RETURNS)
def test_the_day_of_the_return_is_read(text: str) -> None:
    month, day = RETURNS[text]
    message = read(note(text)).message
    assert message.kind is Kind.OUT_OF_OFFICE
    assert message.out_of_office == OutOfOffice(date(2024, month, day), None)


@pytest.mark.parametrize("text", NO_RETURN)
def test_no_day_is_made_up(text: str) -> None:
    assert return_date(text, MONDAY) is None


def test_a_date_without_a_year_is_seen_from_the_day_of_the_mail() -> None:
    assert return_date("Back on 7 January.", date(2024, 12, 20)) == date(2025, 1, 7)
    assert return_date("Back on 20 December.", date(2024, 12, 20)) == date(2024, 12, 20)
    assert return_date("out until 29 February", date(2023, 2, 27)) is None
    assert return_date("returning 05/06/2024", date(2024, 5, 1)) == date(2024, 5, 6)


def test_the_subject_may_have_the_day() -> None:
    message = read(note("I am away.", subject="AUTO: Anna Weber is out of the office (returning 17.06.2024)")).message
    assert message.out_of_office == OutOfOffice(date(2024, 6, 17), None)


def test_without_a_date_of_its_own_a_mail_tells_no_day() -> None:
    assert read(note("Back on 17 June.", date="")).message.out_of_office == OutOfOffice(None, None)


def test_a_quoted_mail_tells_no_day() -> None:
    text = "I am away.\n\n> back on 17 June, write to bob@example.org"
    assert read(note(text)).message.out_of_office == OutOfOffice(None, None)


def test_a_person_is_not_out_of_office() -> None:
    message = read(mail("I will be out of the office until 14 June. Please call me before.", subject="Appointment")).message
    assert (message.kind, message.out_of_office) == (Kind.PERSON, None)


DEPUTIES: dict[str, Mailbox | None] = {
    "In urgent cases contact Bob Jones (bob@example.org).": Mailbox("Bob Jones", "bob@example.org"),
    "For emergencies write to bob@example.org or eve@example.org.": Mailbox("", "bob@example.org"),
    "Please contact my colleague Eve van der Berg <eve@example.org>": Mailbox("Eve van der Berg", "eve@example.org"),
    "In dringenden Fällen wenden Sie sich an Frau Eva Müller, eva@example.org.": Mailbox("Frau Eva Müller", "eva@example.org"),
    "En cas d'urgence, contactez Zoé Petit : zoe@example.org": Mailbox("Zoé Petit", "zoe@example.org"),
    "En caso urgente contacte con Ana Ruiz, ana@example.org": Mailbox("Ana Ruiz", "ana@example.org"),
    "Per urgenze scrivere a ugo@example.org": Mailbox("", "ugo@example.org"),
    "Em caso urgente contacte rui@example.org": Mailbox("", "rui@example.org"),
    "Bij spoed: Jan de Vries, jan@example.org": Mailbox("Jan de Vries", "jan@example.org"),
    "Kontakta Sven Berg på sven@example.org": Mailbox("", "sven@example.org"),
    "W pilnych sprawach proszę o kontakt: ewa@example.org": Mailbox("", "ewa@example.org"),
    "По срочным вопросам обращайтесь к Ивану: ivan@example.org": Mailbox("", "ivan@example.org"),
    "Acil durumlar için: ali@example.org": Mailbox("", "ali@example.org"),
    "紧急事宜请联系 li@example.org": Mailbox("", "li@example.org"),
    "お急ぎの方は ken@example.org までご連絡ください。": Mailbox("", "ken@example.org"),
    "급한 용무는 kim@example.org 로 연락 주세요.": None,
    "Contact me at anna@example.org when I am back.": None,
    "Contact help@example.net for anything urgent.": None,
    "Anna Weber\nSales\nsales@example.org": None,
}  # fmt: skip


@pytest.mark.parametrize("text", DEPUTIES)
def test_the_deputy_is_somebody_else_whom_the_note_names(text: str) -> None:
    message = read(note(f"I am away.\n\n{text}", to="help@example.net")).message
    assert message.out_of_office is not None
    assert message.out_of_office.deputy == DEPUTIES[text]


@given(
    st.text(alphabet=st.sampled_from("0123456789./- juneiba\n月日년"), max_size=300), st.dates(date(1990, 1, 1), date(2090, 1, 1))
)
def test_every_text_has_an_answer_and_it_is_near(text: str, written: date) -> None:
    found = return_date(text, written)
    assert found is None or abs((found - written).days) < 1000
