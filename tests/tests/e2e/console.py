"""Goes through every page of the console in a browser, as a person does: asks for models, watches, tries, promotes, rolls back,
answers alerts and retrainings, replays a dead letter.

Arguments: the console's address, that of an orchestrator with a token, the token's file, the fleet's directory, the program `tier0`,
where screenshots go, and the file of axe-core. Ends with one line of JSON: what was measured.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright

api, guarded, token_file, directory, tier0, shots, axe = sys.argv[1:8]
SENTENCE = "Train churn prediction model for Kisqali HCPs"
MODEL = "hcp-churn-kisqali"
FIRST_VIEW_BYTES = 100 * 1024
POLICY = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'")
AXE = Path(axe).read_text()
shots = Path(shots)
shots.mkdir(parents=True, exist_ok=True)
expect.set_options(timeout=20_000)

problems: list[str] = []
foreign: list[str] = []
measured: dict = {}
# What the browser itself logs of an answer that the test provokes, such as a refusal.
provoked: list[str] = []


def command(*arguments: str) -> dict:
    done = subprocess.run(
        [tier0, *arguments, "--dir", directory], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout) if "--json" in arguments else {}


def watch(page) -> None:
    def logged(message) -> None:
        if message.type in ("error", "warning") and not any(re.search(known, message.text) for known in provoked):
            problems.append(f"{page.url}: {message.type}: {message.text}")

    page.on("console", logged)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("request", lambda request: urlsplit(request.url).hostname != "127.0.0.1" and foreign.append(request.url))


def look(page, name: str) -> None:
    """Takes a picture and asks axe-core, in both colours."""
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        page.screenshot(path=shots / f"{name}-{colours}.png", full_page=True)
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for violation in found["violations"]:
            places = [node["html"][:160] for node in violation["nodes"][:3]]
            problems.append(f"{name}, {colours}: {violation['id']}: {violation['help']}: {places}")
    page.emulate_media(color_scheme="light")


def heading(page, text) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def go(page, name: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=re.compile(f"^{name}")).click()


def ask(page, sentence: str, budget: str, strategy: str = "") -> str:
    """Fills in the form of a new run; gives the run's identity."""
    go(page, "New run")
    heading(page, "New run")
    page.get_by_role("tab", name="In one sentence").click()
    page.get_by_label("What is wanted").fill(sentence)
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_label("Time budget").fill(budget)
    if strategy:
        page.get_by_label("Strategy").select_option(label=strategy)
    page.get_by_role("button", name="Begin the run").click()
    page.wait_for_url(re.compile("/console/runs/run-"))
    return page.url.rsplit("/", 1)[1]


def confirm(page, button: str, says: str, reason: str = "") -> None:
    """Answers the question of a dialog, which says what will happen."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(says)
    if reason:
        dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_be_hidden()


def first_view(browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    watch(page)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: dict = {}
    kinds: dict = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["response"]["url"]}))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    answer = page.goto(api + "/", wait_until="domcontentloaded")
    assert page.url == api + "/console/", page.url
    headers = answer.headers
    for part in POLICY:
        assert part in headers["content-security-policy"], headers
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    heading(page, "Runs")
    expect(page.get_by_text("No run yet")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    total = sum(sizes.values())
    assert total <= FIRST_VIEW_BYTES, f"the first view has {total} bytes: {kinds}"
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    measured.update(first_view_bytes=total, first_contentful_paint_ms=round(painted or 0))
    look(page, "runs-empty")
    context.close()


def a_run(page) -> str:
    # What is refused stands beside its field, in the words of the API.
    go(page, "New run")
    provoked.append("status of 422")
    page.get_by_role("tab", name="From a table").click()
    page.get_by_label("Table").fill(str(Path(directory) / "data/hcp_churn.csv"))
    page.get_by_label("Target").fill("churned")
    page.get_by_label("Name", exact=True).fill("no name!")
    page.get_by_role("button", name="Begin the run").click()
    expect(page.locator(".field", has=page.get_by_label("Name", exact=True)).get_by_role("alert")).to_contain_text("expected 1 to 64 letters")
    look(page, "submit-refused")
    run = ask(page, SENTENCE, "4")
    expect(page.locator(".stage.good")).not_to_have_count(0)
    page.screenshot(path=shots / "run-under-way.png", full_page=True)
    expect(page.locator(".stage.good")).to_have_count(7, timeout=60_000)
    expect(page.locator(".head .badge")).to_have_text("succeeded")
    expect(page.get_by_role("group", name="Metrics on the test split")).to_contain_text("roc_auc")
    page.get_by_role("button", name=re.compile("^Training")).click()
    expect(page.get_by_text("Searches, makes an ensemble")).to_be_visible()
    expect(page.get_by_role("group", name="Trials, the best first")).to_be_visible()
    page.get_by_role("button", name=re.compile("^More")).first.click()
    expect(page.get_by_text("Fold scores")).to_be_visible()
    look(page, "run")
    page.get_by_text(re.compile("columns of .* training rows")).click()
    columns = page.get_by_role("group", name="Columns of the data")
    expect(columns.get_by_role("img", name="Spread of years_in_practice")).to_be_visible()
    expect(columns.get_by_role("row", name=re.compile("^churned"))).to_contain_text("No")
    look(page, "run-data")
    page.get_by_role("tab", name="Search").click()
    expect(page.get_by_role("img", name=re.compile("^Score .* trials"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("trials of .* through"))).to_be_visible()
    look(page, "run-search")
    page.get_by_role("tab", name="Selection").click()
    expect(page.get_by_role("group", name="Candidates")).to_be_visible()
    page.get_by_role("tab", name="What it depends on").click()
    expect(page.get_by_text("In words")).to_be_visible()
    trace = page.get_by_role("link", name=re.compile("^[0-9a-f]{32}"))
    expect(trace).to_have_attribute("href", re.compile("^http://127.0.0.1:16686/trace/[0-9a-f]{32}$"))
    told = command("runs", "show", run, "--json")
    assert trace.get_attribute("href") == told["trace_url"], told["trace_url"]
    return run


def a_file(page) -> None:
    """A file is sent, shown and learned from; one that is no table is refused beside its field."""
    broken = Path(directory) / "broken.csv"
    broken.write_text("a,b\n1,2\n1,2,3\n")
    people = Path(directory) / "people.csv"
    rows = [f"m{row},m{row}@example.org,{20 + row % 50},{'gold' if row % 3 else 'basic'},{'Yes' if row % 50 + row * 7 % 31 < 30 else 'No'}" for row in range(600)]
    people.write_text("\n".join(["member,email,age,plan,left", *rows]) + "\n")
    go(page, "New run")
    page.get_by_role("tab", name="In one sentence").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Begin the run")).to_be_disabled()
    file = page.locator("#field-file")
    file.set_input_files(broken)
    expect(page.locator(".field", has=file).get_by_role("alert")).to_contain_text("3 fields")
    look(page, "upload-refused")
    file.set_input_files(people)
    columns = page.get_by_role("group", name="Columns of the file")
    expect(columns).to_contain_text("gold")
    expect(columns.get_by_role("row", name=re.compile("^email"))).to_contain_text("personal data")
    assert "example.org" not in columns.inner_text()
    proposed = page.get_by_role("group", name="Columns that may be the target").get_by_role("button")
    expect(proposed.first).to_have_text("left")
    expect(page.locator("#field-target")).to_have_value("left")
    proposed.nth(1).click()
    expect(page.locator("#field-target")).not_to_have_value("left")
    proposed.first.press("Enter")
    expect(page.locator("#field-target")).to_have_value("left")
    look(page, "upload")
    page.set_viewport_size({"width": 390, "height": 844})
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0, f"an upload is {too_wide} px wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_text("More options").click()
    page.get_by_label("Until").select_option("data-preparer")
    page.get_by_role("button", name="Begin the run").click()
    page.wait_for_url(re.compile("/console/runs/run-"))
    expect(page.locator(".head .badge")).to_have_text(re.compile("succeeded|partial"), timeout=60_000)


def cancel_and_retry(page) -> None:
    ask(page, SENTENCE, "60")
    page.get_by_role("button", name="Cancel", exact=True).click()
    confirm(page, "Cancel the run", "no later stage begins", "the wrong sentence")
    expect(page.locator(".head .badge")).to_have_text("cancelled")
    expect(page.get_by_role("alert")).to_contain_text("the wrong sentence")
    look(page, "run-cancelled")
    page.get_by_role("button", name="Retry", exact=True).click()
    confirm(page, "Retry", "It goes on at")
    expect(page.locator(".head .badge")).to_have_text(re.compile("running|queued|succeeded"))
    page.get_by_role("button", name="Cancel", exact=True).click()
    confirm(page, "Cancel the run", "The run can be retried")
    expect(page.locator(".head .badge")).to_have_text("cancelled")


def lists(page, first: str, second: str) -> None:
    go(page, "Runs")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name=re.compile("^cancelled")).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^all")).click()
    page.get_by_role("searchbox").fill(first[-8:])
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    expect(page.locator("tbody tr")).to_have_count(3)
    look(page, "runs")
    for run in (first, second):
        page.get_by_label(f"Compare {run}").check()
    page.get_by_role("link", name="Compare 2 runs").click()
    expect(page.get_by_role("group", name="Runs side by side")).to_contain_text("roc_auc")
    look(page, "compare")


def a_version(page) -> None:
    go(page, "Models")
    look(page, "models")
    page.get_by_role("link", name=MODEL).click()
    heading(page, MODEL)
    expect(page.get_by_text("production")).not_to_have_count(0)
    graph = page.get_by_role("group", name="Lineage of the versions").locator("svg")
    expect(graph).to_contain_text("sha256")
    expect(graph.get_by_role("link", name=re.compile("^Version 1"))).to_be_visible()
    look(page, "model")
    page.get_by_role("group", name="Versions").get_by_role("link", name="1", exact=True).click()
    heading(page, f"{MODEL} · version 1")
    for tab, says in [
        ("Metrics", "roc_auc"), ("Evaluation", "Confusion"), ("Dependence", "Partial dependence"),
        ("Segments", "No segments were asked for"), ("Lineage", "When it was live"), ("Card", "Intended use"),
    ]:
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page.locator("main")).to_contain_text(says)
        if tab == "Evaluation":
            a_threshold(page)
        if tab == "Dependence":
            contributions(page)
        if tab == "Lineage":
            graph = page.get_by_role("group", name="Lineage of version 1").locator("svg")
            expect(graph.get_by_role("link", name=re.compile("^Run"))).to_be_visible()
            expect(graph.get_by_role("link", name=re.compile(f"^{MODEL}"))).to_be_visible()
            expect(graph.get_by_role("link", name=re.compile("^Version 2"))).to_be_visible()
        look(page, f"version-{tab.lower()}")


def contributions(page) -> None:
    """Mean sizes, values of all inputs, and one input in full, which is chosen by the keyboard."""
    summary = page.get_by_role("region", name="SHAP summary")
    expect(summary.get_by_role("img", name=re.compile("^Mean absolute contribution"))).to_be_visible()
    expect(summary.get_by_role("img", name=re.compile("^Contributions by the value"))).to_be_visible()
    expect(summary).to_contain_text("log-odds")
    chosen = summary.get_by_label("Contribution of one input by its value")
    first = chosen.locator("option").first.inner_text()
    expect(summary.get_by_role("group", name=f"Contributions of {first}")).to_contain_text("80 % of rows")
    chosen.focus()
    page.keyboard.press("ArrowDown")
    second = chosen.locator("option").nth(1).inner_text()
    expect(summary.get_by_role("img", name=f"Contribution of {second} by its value")).to_be_visible()
    rows = summary.get_by_role("group", name=f"Contributions of {second}").get_by_role("row")
    expect(rows).not_to_have_count(1)


def a_threshold(page) -> None:
    """The slider says what each threshold finds and costs, and goes to the cheapest."""
    slider = page.get_by_role("slider", name=re.compile("^A row is called"))
    facts = page.locator("dl", has_text="False alarms")
    slider.fill("0")
    expect(facts).to_contain_text("100")
    expect(facts.locator("dd").nth(4)).to_have_text("0")
    page.get_by_label("Cost of a miss").fill("0")
    page.get_by_role("button", name=re.compile("^The cheapest")).click()
    expect(facts.locator("dd").last).to_have_text("0")
    expect(page.get_by_role("group", name="Lift")).to_contain_text("the first 100")


def an_endpoint(page) -> None:
    go(page, "Endpoints")
    expect(page.get_by_role("link", name=MODEL)).to_be_visible()
    look(page, "endpoints")
    page.get_by_role("link", name=MODEL).first.click()
    heading(page, MODEL)
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_test_id("prediction")).to_have_text(re.compile("^(Yes|No)$"))
    expect(page.get_by_text("What led to it")).to_be_visible()
    look(page, "endpoint")
    # A share of the requests for the second version, then all of them, then back.
    expect(page.get_by_role("img", name=re.compile("^Requests: .*version 2"))).to_be_visible()
    page.get_by_role("button", name="Promote", exact=True).click()
    confirm(page, "Promote", "version 2 answers all requests", "it is as good")
    expect(page.get_by_role("img", name="Requests: version 2 100 %")).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    look(page, "endpoint-roll-back")
    confirm(page, "Roll back", "version 1 answers all requests again", "it was not")
    expect(page.get_by_role("img", name="Requests: version 1 100 %")).to_be_visible()
    expect(page.get_by_text("it was not").first).to_be_visible()
    answered = page.get_by_role("img", name=re.compile("^Which version answered when"))
    expect(answered).to_have_attribute("aria-label", re.compile("version 1 from .*, version 2 from .*, version 1 from .* to now$"))
    look(page, "endpoint-after")


def monitoring(page) -> None:
    data = str(Path(directory) / "drifted.csv")
    command("sample", "churn", "--rows", "1500", "--seed", "3", "--drift", "covariate", "--out", data)
    command("predict", MODEL, "--data", data, "--entity-column", "hcp_id", "--out", data + ".out")
    command("feedback", MODEL, "--data", data, "--entity-column", "hcp_id", "--outcome-column", "churned")
    go(page, "Monitoring")
    acknowledge = page.get_by_role("button", name="Acknowledge").first
    expect(acknowledge).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Approve")).to_be_visible(timeout=30_000)
    look(page, "monitoring")
    acknowledge.click()
    confirm(page, "Acknowledge", "stays open as acknowledged", "people have changed")
    expect(page.get_by_text("people have changed").first).to_be_visible()
    page.get_by_role("group", name="Watched endpoints").get_by_role("link", name=MODEL).click()
    heading(page, MODEL)
    expect(page.get_by_role("group", name="Drift by column")).to_be_visible()
    expect(page.get_by_role("group", name="Performance")).to_contain_text("roc_auc", timeout=30_000)
    expect(page.get_by_text("Verdict per column")).to_be_visible(timeout=30_000)
    look(page, "monitoring-endpoint")
    page.get_by_role("button", name="Approve").click()
    confirm(page, "Approve", "promoted only where it is better", "train it")
    expect(page.get_by_text(re.compile("approved by api/console: train it|requested|running")).first).to_be_visible()


def the_fleet(page) -> None:
    go(page, "Fleet")
    expect(page.get_by_role("group", name="Agents")).to_contain_text("1 replica")
    letters = page.get_by_role("group", name="Dead letters")
    letters.get_by_role("button", name="Show").first.click()
    expect(letters).to_contain_text("no name!")
    look(page, "fleet")
    # What was wrong has not been put right: it is refused again, and the dialog says so.
    provoked.append("status of 409")
    letters.get_by_role("button", name="Replay").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Replay").click()
    expect(dialog.get_by_role("alert")).to_contain_text("refused again")
    dialog.get_by_role("button", name="Keep as it is").click()


def the_reference(page) -> None:
    go(page, "API")
    page.get_by_role("button", name="POST /api/v1/runs", exact=True).click()
    body = page.get_by_role("group", name="Body")
    expect(body).to_contain_text("dataUri")
    expect(page.get_by_role("group", name="Parameters")).to_contain_text("Idempotency-Key (header)")
    look(page, "reference")


def keys_and_colours(page) -> None:
    page.locator("body").press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("body").press("g")
    page.locator("body").press("r")
    heading(page, "Runs")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.locator("body").press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("t")
    page.keyboard.press("t")
    page.wait_for_function("getComputedStyle(document.documentElement).colorScheme === 'dark'")
    page.keyboard.press("t")
    page.set_viewport_size({"width": 390, "height": 844})
    look(page, "runs-phone")
    page.locator("tbody a.title").last.click()
    expect(page.locator(".stage")).to_have_count(7)
    look(page, "run-phone")
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0, f"the page is {too_wide} px wider than a phone"
    for name in ["Runs", "New run", "Models", "Endpoints", "Monitoring", "Fleet"]:
        go(page, name)
        expect(page.locator("main .bone")).to_have_count(0)
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def a_lost_fleet(page) -> None:
    """The orchestrator is killed: the page says so, and comes back by itself when it is there again."""
    provoked.append("ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to fetch")
    go(page, "Runs")
    pid = json.loads((Path(directory) / "fleet.json").read_text())["pids"]["orchestrator"]
    os.kill(pid, signal.SIGKILL)
    expect(page.get_by_text("Fleet not reached")).to_be_visible()
    page.screenshot(path=shots / "lost.png")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=30_000)


def a_token(browser) -> None:
    page = browser.new_page()
    provoked.append("status of 401")
    watch(page)
    page.goto(guarded + "/console/")
    dialog = page.get_by_role("dialog", name="Token")
    expect(dialog).to_be_visible()
    look(page, "token")
    dialog.get_by_label("Token").fill("another")
    dialog.get_by_role("button").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not taken")
    dialog.get_by_label("Token").fill(Path(token_file).read_text().strip())
    dialog.get_by_role("button").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.close()


begun = time.monotonic()
arguments = ["--disable-background-networking", "--disable-component-update", "--no-default-browser-check"]
if os.geteuid() == 0:
    arguments.append("--no-sandbox")
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        first_view(browser)
        watch(page)
        page.goto(api + "/console/")
        first = a_run(page)
        second = ask(page, SENTENCE, "5", "weighted")
        expect(page.locator(".stage.good")).to_have_count(7, timeout=60_000)
        cancel_and_retry(page)
        lists(page, first, second)
        a_version(page)
        an_endpoint(page)
        monitoring(page)
        the_fleet(page)
        a_file(page)
        the_reference(page)
        keys_and_colours(page)
        a_lost_fleet(page)
        a_token(browser)
    except BaseException:
        page.screenshot(path=shots / "failure.png", full_page=True)
        print("\n".join(problems), file=sys.stderr)
        raise
    finally:
        browser.close()
measured["seconds"] = round(time.monotonic() - begun, 1)
assert not foreign, f"requests left this machine: {foreign}"
assert not problems, "\n".join(problems)
print(json.dumps(measured))
