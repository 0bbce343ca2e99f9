"""One request told as a story in Slack, with every message that was ever posted, and what a browser shows."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from cli.cast import slack_user
from tests.acceptance.product import Product, running_product

pytestmark = pytest.mark.e2e

KEY, RISK, BUSINESS, STRANGER = "support-chatbot", "p-1004", "p-1003", "p-1008"
FORM = {
    "likelihood": 2,
    "impact": 2,
    "residual_likelihood": 1,
    "residual_impact": 2,
    "main_risks": "-",
    "controls": "-",
}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """Open a page in Debian's chromium."""
    path = shutil.which("chromium")
    assert path, "chromium is not installed. Install the Debian package chromium."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield await browser.new_page(viewport={"width": 1500, "height": 900})
        await browser.close()


async def until_approval(product: Product) -> None:
    """Request the chatbot in Slack and submit its assessment there."""
    await product.stage.request("p-1001", product.example(KEY))
    await product.stage.fill_in(RISK, await product.open_case(KEY, "assignment"), content=FORM)
    await product.open_case(KEY, "approval")


@pytest.mark.feature(3, 32, 104, 105, 107, 108, 109)
async def test_request_is_made_and_decided_in_slack_and_every_message_says_how_it_ended(short_folder: Path) -> None:
    async with running_product(short_folder) as product, browser_page() as page:
        await until_approval(product)
        case = await product.open_case(KEY, "approval")
        await _press_as_a_stranger_is_answered(product, case["id"])
        await page.goto(product.stack.urls["slack"])
        await page.select_option("select", label="Ines Duarte")
        await page.get_by_text("✕").first.click()
        await page.locator("button.sidebar-item", has_text="Ines Duarte").click()
        await page.get_by_role("button", name="Approve", exact=True).click()
        await product.stage.stand.wait_for(
            slack_user(BUSINESS), lambda one: "approved" in one.shown and not one.buttons
        )
        await page.get_by_text("Closed: approved").wait_for()
        assert await page.get_by_role("button", name="Approve", exact=True).count() == 0


async def _press_as_a_stranger_is_answered(product: Product, case: str) -> None:
    """Let somebody who is not asked press the button on the approver's message."""
    asks = await product.stage.stand.wait_for(slack_user(BUSINESS), lambda one: "Approve" in one.buttons)
    await product.stage.stand.press(slack_user(STRANGER), asks, label="Approve")
    answer = await product.stage.stand.wait_for(asks.channel, lambda one: one.seen_by == slack_user(STRANGER))
    assert "not among the people" in answer.shown
    assert (await product.open_case(KEY, "approval"))["id"] == case


@pytest.mark.feature(134)
async def test_administrator_lists_by_stage_and_reads_a_case_in_the_temporal_ui(short_folder: Path) -> None:
    async with running_product(short_folder) as product, browser_page() as page:
        await until_approval(product)
        case = await product.open_case(KEY, "approval")
        url = product.stack.urls["temporal_ui"]
        await page.goto(f'{url}/namespaces/default/workflows?query=AimsStage="approval"')
        await page.get_by_role("link", name=case["id"]).first.wait_for()
        await page.get_by_role("link", name=case["id"]).first.click()
        await page.get_by_text("User Metadata").click()
        details = page.locator("iframe").last.content_frame  # the page shows Markdown in a frame of its own
        await details.get_by_text("Approval of use").wait_for()
        await details.get_by_text("waiting for business-approver").wait_for()
