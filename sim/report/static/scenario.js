// A scenario, run in a world of its own beside this one: which there are, and the timeline of the one that runs.

import { byId, counted, element } from "./library/dom.js";
import { tell } from "./tell.js";

const STATES = { starting: "its world is starting", running: "runs", ending: "is ending" };
const MARKS = { "to come": "", "under way": "…", done: "✓", failed: "✗" };
let scenarios = null; // name → what it is for
let drawnOf = null; // the run whose rows there are
let rows = [];
let verdicts = [];

const text = (words, className = "") => element("span", { className }, words);

function showAbout() {
  const chosen = scenarios.get(byId("scenario-name").value);
  const needs = chosen.needs.length ? ` It needs ${chosen.needs.join(", ")} on PATH.` : "";
  byId("scenario-about").textContent = `${chosen.about} What keeps it so: ${chosen.safeguard}.${needs}`;
  byId("scenario-without").disabled = !chosen.can_be_without;
}

async function list() {
  const told = await (await fetch("/scenario")).json();
  scenarios = new Map(told.scenarios.map((each) => [each.name, each]));
  byId("scenario-name").replaceChildren(...[...scenarios.keys()].map((name) => new Option(name, name)));
  if (scenarios.has(told.run?.name)) byId("scenario-name").value = told.run.name;
  showAbout();
}

export function listenToScenario() {
  byId("scenario-name").addEventListener("change", showAbout);
  byId("scenario").addEventListener("submit", (event) => {
    event.preventDefault();
    const run = byId("scenario-name").value;
    const without = byId("scenario-without");
    tell("scenario", { run, without_safeguard: without.checked && !without.disabled }, `Begin ${run}`);
  });
  byId("scenario-stop").addEventListener("click", () => tell("scenario", { stop: true }, "Stop the scenario"));
  list().catch(() => (byId("scenario-about").textContent = "The scenarios cannot be had."));
}

function draw(run) {
  rows = run.steps.map(({ what }) => {
    const [mark, at, said] = [text("", "mark"), text("", "at"), text("", "said")];
    return { mark, at, said, row: element("li", {}, mark, at, element("div", {}, text(what, "what"), " ", said)) };
  });
  verdicts = run.expectations.map(({ what }) => {
    const [mark, came] = [text("", "mark"), text("", "said")];
    return { mark, came, row: element("li", {}, mark, element("div", {}, text(what, "what"), " ", came)) };
  });
  byId("timeline").replaceChildren(...rows.map(({ row }) => row));
  byId("verdicts").replaceChildren(...verdicts.map(({ row }) => row));
}

/** What is spoken when it changes; the figures beside it change all the time, and are not. */
function headline(run) {
  const name = run.is_without ? `${run.name} without its safeguard` : run.name;
  const trouble = run.why && !run.is_under_way && run.state !== "stopped" ? `: ${run.why}` : "";
  return `${name} ${STATES[run.state] ?? run.state}${trouble}`;
}

export function showScenario({ rehearsal: run }) {
  byId("scenario-stop").disabled = !run?.is_under_way;
  byId("scenario-run").hidden = !run;
  if (!run) return;
  const isOf = JSON.stringify([run.name, run.steps.map(({ what }) => what), run.expectations.length]);
  if (drawnOf !== isOf) draw(run);
  drawnOf = isOf;
  byId("scenario-run").dataset.state = run.state;
  if (byId("scenario-state").textContent !== headline(run)) byId("scenario-state").textContent = headline(run);
  const failed = run.failures ? `${run.failures.toLocaleString()} failed` : "none failed";
  byId("scenario-figures").textContent = run.answers
    ? `${run.at.toFixed(0)} s, ${counted(run.answers, "answer")} to viewers, ${failed}`
    : "";
  run.steps.forEach((step, number) => {
    const parts = rows[number];
    parts.row.dataset.state = step.state;
    parts.mark.textContent = MARKS[step.state];
    parts.mark.title = step.state;
    parts.at.textContent = step.at === null ? "" : `${step.at.toFixed(1)} s`;
    parts.said.textContent = step.said === step.what ? "" : step.said;
  });
  run.expectations.forEach((expected, number) => {
    const parts = verdicts[number];
    parts.row.dataset.state = { true: "done", false: "failed" }[expected.is_met] ?? "to come";
    parts.mark.textContent = MARKS[parts.row.dataset.state];
    parts.mark.title = { true: "met", false: "not met" }[expected.is_met] ?? "not judged yet";
    parts.came.textContent = expected.came;
  });
  byId("scenario-report").hidden = !run.has_report;
}
