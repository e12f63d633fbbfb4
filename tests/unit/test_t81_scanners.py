"""Whatever reads the words of strangers is in the table of scanners, itself or by the one that calls it."""

import ast
import functools
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from support.hostile.hostile import SCANNERS, prepared
from support.hostile.hostile_expressions import ROOT, sources

WORDS = {
    "str", "bytes", "str | None", "Iterable[str]", "Sequence[str]", "list[str]", "Sequence[Line]", "Header", "Outline", "Evidence",
}  # fmt: skip
ROOMS = ("config.", "gateway.", "threading.")
SIZE = 1024  # characters
SPOKEN = (
    "prose", "forward", "report blocks", "header blocks", "attributions", "marked lines", "parts", "nested parts", "passwords", "cards",
    "encoded words", "absences", "refusals", "json", "links", "commands", "rows",
)  # fmt: skip
# What operators, our own programs and servers of ours say; and signatures, which are verified in the limited child alone.
NOT_OF_STRANGERS = (
    "config.",
    "gateway.bench.",
    "gateway.cli.",
    "gateway.demo.",
    "gateway.explaining.",
    "gateway.http.server.",
    "gateway.monitor.",
    "gateway.oauth.",
    "gateway.observe.",
    "gateway.operator.",
    "gateway.work.desk.",
    "gateway.origin.",
)
OF_STRANGERS = (
    "config.domain_names.u_labels",
    "config.domain_names.a_labels",
    "config.lexicon.words_of",
    "config.lexicon.folded",
)
# These take one value that was cut or checked before, a key, or a sentence of our own; by what bounds it.
ONE_VALUE = "a key, an address or a sentence of our own"
WHOLE_MAIL = "a whole mail: measured through the node (test_t81_costs_of_a_mail)"
BOUNDED: dict[str, str] = {
    "gateway.web_pages.page_of": "a page of ours",
    "gateway.web_pages.see_other": "an address of ours",
    "threading.rules.index.address_and_domains": ONE_VALUE,
    "threading.rules.senders.entry_that_counts": "canonical addresses, each with ten domains at most",
    "threading.rules.senders.names_to_look_up": "canonical addresses, each with ten domains at most",
    "threading.lifecycle.firewall.strange_tokens": ONE_VALUE,
    "threading.trust.doubt_words.doubt_in_words": "a clause of ours with the name of one field or type",
    "threading.lifecycle.team.tell_former_assignee": "addresses of staff",
    "threading.model.given_date.by_words": "the name of a time zone",
    "threading.model.given_date.day_of": "the name of a time zone",
    "gateway.directory_files.read_file": "a file of the operator's, each line of which is read once",
    "gateway.web.request": "an address that an operator wrote",
    "gateway.web.post": "an address that an operator wrote, and one field of an answer whose header is bounded",
    "gateway.webhooks.payload.body_of_test": "a name that an operator wrote",
    "gateway.webhooks.reach.permits_of": "a host that an operator wrote",
    "gateway.webhooks.ringer.post_signed": "an address that an operator wrote",
    "gateway.webhooks.schedule.rest_of": "one field of an answer whose header is bounded: a line of at most 65,536 octets",
    "gateway.webhooks.signing.signature_fields": "an id and octets of ours",
    "threading.reporting.canary.canary_id": ONE_VALUE,
    "threading.reporting.canary.canary_token": ONE_VALUE,
    "threading.reporting.alarms.remembering": ONE_VALUE,
    "threading.reporting.alarms.name_of": ONE_VALUE,
    "gateway.process_name.name_process": "a name of ours",
    "gateway.backup.restore_backup": "names of an operator's files",
    "gateway.erased_list.is_on": ONE_VALUE,
    "gateway.erased_list.pseudonym_of": ONE_VALUE,
    "gateway.export_folder.safe_name": "a name of at most 255 characters",
    "threading.matching.sent_words.text_of_words": "words of a letter of ours, which have a limit",
    "gateway.erasing.erase": "addresses that an operator wrote",
    "gateway.erasing.erase_again": "addresses of the desk's directory and participants",
    "gateway.http.directory.change_account": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.change_contact": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.change_member": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.get_account": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.get_contact": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.get_member": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.put_account": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.put_contact": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory.put_member": "a path, whose line the server bounds, and headers of a bounded length",
    "gateway.http.directory_changes.find_row": "a path, whose line the server bounds",
    "gateway.http.directory_changes.write_row": "a path, whose line the server bounds",
    "gateway.http.directory_forms.account_form": "a row of the directory",
    "gateway.http.directory_forms.contact_form": "a row of the directory",
    "gateway.http.directory_forms.staff_form": "a row of the directory",
    "gateway.http.form_limits.network_of": "a header, which the server bounds",
    "gateway.http.request_form.mail.mail_of": "a form of a bounded size, which is written and not read",
    "gateway.http.request_form.routes.refuse_request": "a word of ours",
    "gateway.http.sent.line_in": "the name of a field; its value is bounded, and walked once",
    "gateway.http.sent.text_in": "the name of a field; its value is bounded, and walked once",
    "gateway.http.sent.words_in": "the name of a field; its value is bounded, and walked once",
    "gateway.http.topics.words_with_answers": "words of a form, which are only joined",
    "threading.sorting.answers.with_answers": "words of a form, which are only joined",
    "gateway.http.file_pages.show_linked_file": "a segment of a path, whose line the server bounds",
    "threading.letters.file_links.read_file_token": "a segment of a path, whose line the server bounds",
    "gateway.http.forms.number_of": "a segment of a path, whose line the server bounds",
    "gateway.http.forms.thread_key": "a segment of a path, whose line the server bounds",
    "gateway.http.problems.problem": "a sentence of ours",
    "gateway.http.files.file_answer": "one header, which the server bounds",
    "gateway.http.files.keep_upload": "a name of at most 255 characters",
    "gateway.http.permissions.get_permission": "a segment of a path, whose line the server bounds",
    "gateway.http.permissions.list_permissions_of": "a segment of a path, whose line the server bounds",
    "gateway.http.inbox.forms.check_token": "one field of a form, whose octets are counted",
    "gateway.http.inbox.routes.get_file": "a path, whose line the server bounds",
    "gateway.http.inbox.routes.mark_read_to": "fields of a form, whose octets are counted",
    "gateway.http.inbox.routes.show_conversation": "a segment of a path, whose line the server bounds",
    "gateway.http.inbox.shown.address_of": ONE_VALUE,
    "gateway.http.inbox.sign_in.enter": "a segment of a path, whose line the server bounds",
    "gateway.http.inbox.sign_in.go_to": "an address of ours",
    "gateway.http.inbox.visits.refuse_visit": "a word of ours",
    "gateway.http.inbox.visits.session_cookie": "a secret of ours",
    "gateway.http.inbox.visits.speech_of": "one header, of which 500 characters are read",
    "gateway.http.inbox.writing.mark_conversation": "one field of at most 40 characters",
    "gateway.http.inbox.writing.submit_form": "a form, whose octets are counted",
    "gateway.http.pages.cookie": "a secret of ours",
    "gateway.private_pages.form_token": "a secret of at most 200 characters",
    "gateway.http.pages.get_page_file": "a path, whose line the server bounds",
    "gateway.private_pages.is_token_of": "one field of a form, whose octets are counted",
    "gateway.http.pages.page_answer": "a page of ours",
    "gateway.private_pages.private_headers": "addresses that an operator wrote",
    "gateway.http.files.get_attachment": "a path, whose line the server bounds, and a name of at most 255 characters",
    "gateway.http.callers.name_of_request": "one header of at most 300 characters",
    "gateway.http.conversations.get_conversation": "a segment of a path, whose line the server bounds",
    "gateway.http.conversations.get_message": "a segment of a path, whose line the server bounds",
    "gateway.http.replies.get_reply": "a segment of a path, whose line the server bounds",
    "gateway.http.conversations.list_messages_of": "a segment of a path, whose line the server bounds",
    "gateway.http.conversations.mark_conversation_read": "a segment of a path, whose line the server bounds",
    "gateway.http.service.accounts_of": "the account of one query, whose line the server bounds",
    "gateway.work.spine.lies_there": "the octets of a file, decoded and compared once",
    "threading.trust.tokens.unverified_ticket": "at most 45 characters",
    "gateway.delivery.maildir.file_name": ONE_VALUE,
    "gateway.delivery.relay.relay_for": ONE_VALUE,
    "gateway.delivery.reply.domain_of_recipient": ONE_VALUE,
    "gateway.doors.arrivals.open_sockets": ONE_VALUE,
    "gateway.doors.proxy_header.client_of_addresses": "the octets of a header, which are bounded",
    "gateway.doors.proxy_header.client_of_line": "a line of at most 107 octets",
    "gateway.doors.mailbox.listed_uids.parts_of": "an answer that the stream has bounded, piece by piece",
    "gateway.doors.mailbox.throttling.away": "a fault in one line of at most 300 characters",
    "gateway.doors.mailbox.throttling.folder_refused": "the same",
    "gateway.doors.mailbox.throttling.trouble_of": "the same",
    "gateway.delivery.smarthost.tls_context": ONE_VALUE,
    "gateway.delivery.smarthost.read_password": ONE_VALUE,
    "gateway.delivery.smarthost.verifying_context": ONE_VALUE,
    "gateway.delivery.smtp_connection.needs_smtputf8": "a letter of ours, looked at once",
    "gateway.doors.maildir.delivered_at": "the name of a file",
    "gateway.doors.passwords.hash_password": ONE_VALUE,
    "gateway.doors.passwords.verify_password": "at most 1,024 characters",
    "gateway.doors.certificate.read_certificate": "names of an operator's files",
    "gateway.doors.certificate.renewed_certificate": "names of an operator's files",
    "gateway.doors.pipe.deliver": WHOLE_MAIL,
    "gateway.node.reload.reload_all": "names of our own processes",
    "threading.reporting.condition.who_lacks": "the name of a key",
    "threading.reporting.condition.who_signs_with": "the name of a key",
    "gateway.doors.sasl.encode_challenge": ONE_VALUE,
    "gateway.doors.trace.transmission_type": ONE_VALUE,
    "gateway.terminal.echo": "what a command prints: escaped by `escaped`",
    "gateway.terminal.echo_again": "what a command prints: escaped by `escaped`",
    "gateway.terminal.echo_octets": "what a command prints: escaped by `escaped`",
    "threading.promises.busy.measure": ONE_VALUE,
    "threading.matching.search_words.sought_words": "the value of one command",
    "threading.matching.search_words.count_found": "a subject, a reference and a name",
    "threading.matching.search_words.excerpt_with": "at most 20,000 characters",
    "threading.matching.search_words.search_words": "at most 50,000 characters of each text",
    "threading.lifecycle.past_requests.lines_about_past": ONE_VALUE,
    "threading.decisions.customer.reply.confirms": WHOLE_MAIL,
    "threading.decisions.customer.new_request.begin_request": WHOLE_MAIL,
    "threading.reading.subjects.new_subject": "at most 400 characters of each subject",
    "threading.letters.thread_guid.ticket_of_thread": "at most 4,000 characters",
    "threading.sorting.consent_words.choice_in": "at most 200 characters",
    "threading.reading.charsets.charset_of_page": "at most 2,048 octets",
    "threading.sorting.alarms.alarm_in": "at most 10,000 characters",
    "threading.sorting.gratitude.is_acknowledgement": "at most 300 characters",
    "threading.sorting.gratitude.words_without_courtesies": "at most 200 characters",
    "threading.decisions.customer.new_request.open_ticket": WHOLE_MAIL,
    "threading.decisions.customer.several_queues.open_in_queues": "the whole mail once for each queue of the desk",
    "threading.decisions.customer.team_letter.tell_team": WHOLE_MAIL,
    "threading.decisions.table.rows_as_markdown": "names of our own tables",
    "threading.decisions.time.digest.decide_digest": ONE_VALUE,
    "threading.decisions.time.digest.send_digest": ONE_VALUE,
    "threading.decisions.machines.failures.failure_of": "an enhanced status",
    "threading.lifecycle.gate.alarm_letters": ONE_VALUE,
    "threading.lifecycle.gate.has_complained": ONE_VALUE,
    "threading.lifecycle.letter_apart.letter_apart": ONE_VALUE,
    "threading.lifecycle.gate.why_suppressed": ONE_VALUE,
    "threading.decisions.time.gathered.decide_gathered_letter": ONE_VALUE,
    "threading.lifecycle.handover.message_shown_as": ONE_VALUE,
    "threading.decisions.staff.held.held_key": ONE_VALUE,
    "threading.decisions.staff.held.letter_about": WHOLE_MAIL,
    "threading.decisions.customer.incident.detach": ONE_VALUE,
    "threading.letters.files.base64_lines": "a file that goes out, encoded once",
    "threading.letters.files.put_together": "a letter of ours, put together once",
    "threading.letters.files.leave_out": "a letter of ours, looked at once",
    "threading.decisions.machines.letter_outcome.decide_letter_outcome": "what a relay said, in one line",
    "threading.decisions.time.outbreak.report_of": WHOLE_MAIL,
    "threading.lifecycle.permission.why_not_permitted": ONE_VALUE,
    "threading.lifecycle.routing.assignee_for": ONE_VALUE,
    "threading.lifecycle.routing.escalation_assignee": ONE_VALUE,
    "threading.lifecycle.routing.staff_named": "the value of one command",
    "threading.lifecycle.routing.queue_for": ONE_VALUE,
    "threading.lifecycle.standing.contact_at": ONE_VALUE,
    "threading.lifecycle.standing.standing_of": ONE_VALUE,
    "threading.decisions.staff.steps.briefing.text_for_colleague": WHOLE_MAIL,
    "threading.decisions.staff.steps.speech.keep_note": WHOLE_MAIL,
    "threading.commands.words.nearest_name": "at most 40 characters, for at most 20 lines of a mail",
    "threading.letters.names.field_name": "our own name of a field",
    "threading.letters.names.notice_name": "our own name of a letter",
    "threading.model.sentence.joined": "a mark of ours",
    "threading.model.sentence.packed": "at most 2,000 characters",
    "threading.model.sentence.recalled": "a stored sentence of ours",
    "threading.model.sentence.unpacked": "at most 2,000 characters",
    "threading.reading.regions.with_region": "at most 2,000 characters",
    "threading.decisions.staff.work.finish": ONE_VALUE,
    "threading.decisions.staff.steps.several.ticket_named": "the value of one command",
    "threading.decisions.staff.steps.speech.note_of": WHOLE_MAIL,
    "threading.promises.targets.kinds_in": ONE_VALUE,
    "threading.lifecycle.team.colleagues_of": ONE_VALUE,
    "threading.lifecycle.team.team_of": ONE_VALUE,
    "threading.lifecycle.team.watchers_of": ONE_VALUE,
    "threading.lifecycle.team.notify_watchers": WHOLE_MAIL,
    "threading.lifecycle.team.notify_team": WHOLE_MAIL,
    "threading.commands.moments.time_named": "the value of one command",
    "threading.lifecycle.ready.names_in": "the lines of a staff member's text, each looked at once by `use_of`",
    "threading.lifecycle.ready.unknown_answers": "the same lines",
    "threading.lifecycle.ready.with_answers": "the same lines",
    "threading.model.permission.record_of": "a question of at most 2,000 characters, hashed once",
    "threading.lifecycle.triage.severity_of": WHOLE_MAIL,
    "threading.lifecycle.triage.triage_request": WHOLE_MAIL,
    "threading.decisions.machines.undelivered.record_failure": ONE_VALUE,
    "threading.decisions.time.weekly.decide_weekly": ONE_VALUE,
    "threading.decisions.time.weekly.weeks_before": ONE_VALUE,
    "threading.matching.platform.attached_file": "the name and type of a file, and its octets, which are hashed once",
    "threading.matching.platform.incoming_reply": "what the platform says",
    "threading.model.people.staff_member_at": ONE_VALUE,
    "threading.letters.tally.apart": ONE_VALUE,
    "threading.letters.tally.confirmations": ONE_VALUE,
    "threading.letters.tally.of_domain": ONE_VALUE,
    "threading.letters.tally.of_strangers": ONE_VALUE,
    "threading.model.attachment.picture_address": "a digest",
    "threading.reading.coverage.signed_content": "a whole mail in the limited child, hashed once",
    "threading.parsing.read.read": WHOLE_MAIL,
    "threading.reading.attached_mail.attached_mail": "the comment is passed on; the attached mail has the limits of a mail",
    "threading.trust.addresses.is_unread_address": ONE_VALUE,
    "threading.trust.assurance.is_within": ONE_VALUE,
    "threading.trust.dmarc.alignment": ONE_VALUE,
    "threading.trust.dmarc.is_aligned": ONE_VALUE,
    "threading.trust.dmarc.policy_record": "the answer of a name server, cut where it is asked",
    "threading.trust.guessing.places": "a name of at most one command line, and a network",
    "threading.trust.guessing.turn": ONE_VALUE,
    "threading.trust.identity.identity_by_word": ONE_VALUE,
    "threading.trust.identity.identity_on_platform": ONE_VALUE,
    "threading.trust.identity.identity_on_record": ONE_VALUE,
    "threading.trust.meant.meant_for": "the signed fields' names; what it searches is cut to SEARCHED",
    "threading.trust.peers.network_of": "an address of a peer",
    "threading.trust.peers.plain_address": "an address of a peer",
}


@functools.cache
def public() -> frozenset[str]:
    """Every public function that takes words, by its name."""
    return frozenset(name for name in _public() if name in OF_STRANGERS or not name.startswith(NOT_OF_STRANGERS))


def _public() -> Iterator[str]:
    for module, tree in sources().items():
        if not module.startswith(ROOMS):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if any(one.annotation is not None and ast.unparse(one.annotation) in WORDS for one in given):
                    yield f"{module}.{node.name}"


@functools.cache
def reached() -> frozenset[str]:
    """Every function that runs while the table of scanners is worked off."""
    found: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        found.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    logging.disable(logging.CRITICAL)
    scans = [prepared(scanner, pattern, SIZE) for scanner in SCANNERS for pattern in SPOKEN]
    sys.setprofile(note)
    try:
        for scan in scans:
            scan()
    finally:
        sys.setprofile(None)
        logging.disable(logging.NOTSET)
    return frozenset(f"{_module(Path(file))}.{name}" for file, name in found if Path(file).is_relative_to(ROOT))


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def test_every_function_that_takes_words_of_strangers_is_worked_off() -> None:
    assert sorted(public() - reached() - set(BOUNDED)) == []


@pytest.mark.parametrize("name", BOUNDED)
def test_none_is_excused_that_is_not_there(name: str) -> None:
    assert name in public()
    assert name not in reached()
