"""The answer to the letter about refused commands is carried out as if the refused mail had said so."""

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def test_corrected_commands_in_answer_to_the_refusal_carry_their_words_to_the_customer(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nCleaned the roller.")
    assert "reply with the corrected commands" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#assign Nobody\n#resolve\nCleaned the roller.")
    assert "Nothing of this mail was carried out" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#resolve\nCleaned the roller.")
    desk.passes(minutes=1)
    assert desk.ticket().status is Status.RESOLVED
    assert "Cleaned the roller." in anna.letter(Notice.RESOLUTION).text


def test_words_alone_in_answer_to_the_refusal_stay_inside(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nCleaned the roller.")
    omar.replies(Notice.RECEIPT, "What did I misspell?")
    desk.passes(minutes=1)
    assert [note.text for note in desk.history().notes] == ["What did I misspell?"]
    assert {letter.notice for letter in anna.letters()} == {Notice.CONFIRMATION}


def test_the_corrected_text_alone_carries_the_refused_mail_out(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    text = "We cleaned the roller and sent you the manual. Please try again."
    omar.replies(Notice.NEW_TICKET, f"{text} #resolve", files={"manual.pdf": b"%PDF-1 manual" * 500})
    assert "the corrected text alone will do" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "What did I misspell?", files={"screen.pdf": b"%PDF-1 screen" * 500})
    assert 'reply "#send"' in omar.letter(Notice.RECEIPT).text
    refusal = next(letter for letter in omar.letters() if "Nothing of this mail was carried out" in letter.text)
    to, parent = refusal.header("Reply-To").rpartition("<")[2].rstrip(">"), refusal.header("Message-ID")
    omar.writes("Re: Printer", text, to=to, headers={"In-Reply-To": parent})
    assert "Your answer goes to anna@acme.example." in omar.letter(Notice.RECEIPT).text
    desk.passes(minutes=1)
    answer = anna.letter(Notice.ANSWER)
    assert text in answer.text
    assert answer.files == {"manual.pdf": b"%PDF-1 manual" * 500}
    assert desk.ticket().status is Status.IN_PROGRESS


def test_words_said_to_the_desk_stay_inside_although_they_are_refused_once(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nCleaned the roller.")
    omar.replies(Notice.RECEIPT, "Which of my words was the wrong one? #resolve")
    omar.replies(Notice.RECEIPT, "Which of my words was the wrong one?")
    desk.passes(minutes=1)
    assert [note.text for note in desk.history().notes] == ["Which of my words was the wrong one?"]
    assert {letter.notice for letter in anna.letters()} == {Notice.CONFIRMATION}


def test_the_text_of_a_refused_note_alone_stays_a_note(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\n#priority hihg\nTheir contract ends, so be quick.")
    omar.replies(Notice.RECEIPT, "Their contract ends, so be quick.")
    desk.passes(minutes=1)
    assert [note.text for note in desk.history().notes] == ["Their contract ends, so be quick."]
    assert {letter.notice for letter in anna.letters()} == {Notice.CONFIRMATION}


def test_a_note_that_was_refused_is_corrected_as_a_note(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nTheir contract ends.")
    omar.replies(Notice.RECEIPT, "#reslove\nThey do not know yet.")
    assert "A reply to this receipt stays internal" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#resolve\nThey do not know yet.")
    desk.passes(minutes=1)
    assert {letter.notice for letter in anna.letters()} == {Notice.CONFIRMATION}


def test_an_answer_between_the_lines_is_never_reduced_to_what_stands_above_the_quote(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    passed_on = "---------- Forwarded message ---------\nFrom: Lena Holm <lena@elsewhere.example>\nDate: Monday, November 23, 2026 09:00 AM\nSubject: The delivery\nTo: Anna <anna@acme.example>\n\nThe second pallet was wet."
    anna.writes("Printer", f"It jams whenever we print a label for a pallet.\n\n{passed_on}")
    letter = (
        omar.letter(Notice.NEW_TICKET)
        .text.replace("\r\n", "\n")
        .replace("for a pallet.", "for a pallet.\n\nWhich label is it?", 1)
    )
    line = "On Monday, November 23, 2026 at 09:28:00 AM GMT+1, Acme Support <help@support.example.com> wrote:"
    omar.replies(Notice.NEW_TICKET, f"We shall have a look.\n\n    {line}\n\n{letter}", quote=False)
    desk.passes(minutes=1)
    answers = [letter.text for letter in anna.letters() if letter.notice is Notice.ANSWER]
    told = omar.letters()[-1].text
    assert "Which label is it?" in (answers[0] if answers else told)


def test_files_of_the_refused_mail_go_along_with_its_correction(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nSee the manual.", files={"manual.pdf": b"%PDF-1 manual" * 500})
    assert "files of the refused email go along" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#assign Nobody\n#resolve\nSee both.", files={"photo.pdf": b"%PDF-1 photo"})
    omar.replies(Notice.RECEIPT, "#resolve\nSee both.")
    desk.passes(minutes=1)
    assert anna.letter(Notice.RESOLUTION).files == {"photo.pdf": b"%PDF-1 photo", "manual.pdf": b"%PDF-1 manual" * 500}
    omar.writes("", f"#on {desk.ticket().reference}\n#file 2")
    assert [letter.files for letter in omar.letters() if letter.files][-1] == {"manual.pdf": b"%PDF-1 manual" * 500}
    assert all("kept_by" not in file for row in desk.inbox("acme") for file in row.attachments)


def test_files_of_a_refused_mail_stay_behind_where_its_letter_is_not_answered_by_commands(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nSee the manual.", files={"manual.pdf": b"%PDF-1 manual"})
    omar.replies(Notice.RECEIPT, "What did I misspell?")
    omar.replies(Notice.NEW_TICKET, "#resolve\nRead page 4.")
    desk.passes(minutes=1)
    assert anna.letter(Notice.RESOLUTION).files == {}
    assert [file["filename"] for note in desk.history().notes for file in note.attachments] == []


def test_a_mail_program_that_leaves_out_what_it_answers_takes_the_files_along_too(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nSee the manual.", files={"manual.pdf": b"%PDF-1 manual"})
    to = omar.letter(Notice.RECEIPT).header("Reply-To").rpartition("<")[2].rstrip(">")
    omar.replies(Notice.NEW_TICKET, "#priority high")
    omar.writes("Printer", "#resolve\nSee the manual.", to=to)
    desk.passes(minutes=1)
    assert anna.letter(Notice.RESOLUTION).files == {"manual.pdf": b"%PDF-1 manual"}
