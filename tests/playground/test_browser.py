"""A person in a real browser: types, sees, clicks, fills, reloads."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from bot.playground.conversation import Json
from bot.playground.standin import StandIn


async def test_a_person_asks_clicks_fills_a_form_and_reloads(
    slack: StandIn, heard: list[Json], page: Page
) -> None:
    await page.goto(f"{slack.origin}/?as=hana&at=acme-docs")
    await page.get_by_role("button", name="@Delivery Desk").click()
    await page.keyboard.type("1734479364211706503")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name=re.compile("1 reply")).click()
    thread = page.get_by_role("region", name="Thread")
    await expect(thread.get_by_text("Your mail was refused")).to_be_visible()
    await thread.get_by_role("button", name="Talk to support").click()
    dialog = page.get_by_role("dialog", name="Talk to support")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Please complete")
    await dialog.get_by_label("What happened?").fill("why?")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.get_by_role("alert")).to_have_text("No questions, please")
    await expect(dialog.get_by_label("What happened?")).to_have_value("why?")
    await dialog.get_by_label("What happened?").fill("no mail since Monday")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog).to_have_count(0)
    await page.reload()

    await expect(thread.get_by_text("Your mail was refused")).to_be_visible()
    await expect(page.get_by_role("log", name="Messages")).to_contain_text("1734479364211706503")
    assert heard[-1]["view"]["state"]["values"]["what"]["text"]["value"] == "no mail since Monday"


async def test_a_menu_and_a_command_work_by_keyboard(slack: StandIn, heard: list[Json], page: Page) -> None:
    await page.goto(f"{slack.origin}/?as=ben&at=acme-docs&say=/delivery%20a@b.example")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await page.keyboard.press("Enter")
    only_you = page.get_by_text("Only visible to you")
    await expect(only_you).to_be_visible()
    await page.get_by_role("button", name="More actions").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await slack.until(lambda: [body for body in heard if body.get("actions")])

    assert heard[-1]["actions"][0]["selected_option"]["value"] == "evidence"


async def test_changes_by_others_arrive_by_themselves(slack: StandIn, heard: list[Json], page: Page) -> None:
    await page.goto(f"{slack.origin}/?as=hana&at=acme-docs")
    await expect(page.get_by_text("Nothing said here yet")).to_be_visible()
    await slack.says("こんにちは <b>太字ではない</b>", channel="#acme-docs", as_="mori")
    await slack.says("elsewhere", channel="#lobby", as_="sam")

    await expect(page.get_by_role("log")).to_contain_text("こんにちは <b>太字ではない</b>")
    await expect(page.get_by_role("link", name="lobby")).to_have_class("unread")


async def test_the_home_tab_is_drawn(slack: StandIn, heard: list[Json], page: Page) -> None:
    await page.goto(f"{slack.origin}/?as=hana")
    await page.get_by_role("link", name="Home").click()

    await expect(page.get_by_role("heading", name="Your mail was refused")).to_be_visible()


async def test_dates_are_in_the_readers_own_language_and_time_zone(slack: StandIn, page: Page) -> None:
    slack.workspace.join("C0ACME", "U0SAM")
    await slack.says("x", channel="#acme-docs")
    date = {"type": "date", "timestamp": 1763800000, "format": "{date_num} {time}", "fallback": "then"}
    section = {"type": "rich_text_section", "elements": [date]}
    blocks = [{"type": "rich_text", "elements": [section]}]
    said = next(iter(slack.workspace.messages.values()))
    slack.workspace.edit("C0ACME", said.ts, blocks=tuple(blocks))
    await page.goto(f"{slack.origin}/?as=hana&at=acme-docs")
    tokyo = await page.locator(".rich time").inner_text()
    await page.goto(f"{slack.origin}/?as=sam&at=acme-docs")
    london = await page.locator(".rich time").inner_text()

    assert (tokyo, london) == ("2025/11/22 17:26", "22/11/2025 08:26")


async def test_the_page_fits_a_phone(slack: StandIn, heard: list[Json], phone: Page) -> None:
    await slack.mentions("why?", channel="#acme-docs")
    await phone.goto(f"{slack.origin}/?as=hana&at=acme-docs")
    await phone.get_by_role("link", name=re.compile("1 reply")).click()
    await expect(phone.get_by_role("button", name="Talk to support")).to_be_in_viewport()
    width = await phone.evaluate("document.documentElement.scrollWidth")

    assert width == 390
