"""The envelope sender names one mail."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.smtp import EnvelopeSender, find_envelope_senders, mask_envelope_senders

SENDER = "bounce-md_30123456.5f3ca1b2.v1-0123456789abcdef0123456789ABCDEF@m.makeleaps.com"


def test_time_and_message_id_are_in_the_address() -> None:
    (found,) = find_envelope_senders(f"Return-Path: <{SENDER}>\nX: {SENDER}")

    assert found.message_id == "0123456789abcdef0123456789abcdef"
    assert found.submitted_at == datetime(2020, 8, 19, 3, 51, 14, tzinfo=UTC)


def test_another_form_is_ours_but_names_no_mail() -> None:
    assert find_envelope_senders("bounce-md~~@m.makeleaps.com") == [
        EnvelopeSender("bounce-md~~@m.makeleaps.com")
    ]


def test_somebody_elses_bounce_address_is_not_ours() -> None:
    assert find_envelope_senders("bounce-md_1.5f3ca1b2.v1-00@m.example.com") == []


def test_its_digits_are_no_send_id() -> None:
    assert "5f3ca1b2" not in mask_envelope_senders(f"<{SENDER}>")
