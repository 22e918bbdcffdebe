// What is done to many assets at once: each asks first, does it, and resolves to what was done in words, empty where some
// of it was refused, or to null when nothing was tried.

import { Refused } from "./api.js";
import { counted, element, name } from "./dom.js";
import { asked } from "./question.js";

const AT_ONCE = 4;
const MOST_IDS = 100; // of a call
const MOST_TAGGINGS = 10_000; // tags times assets of a call

const inPieces = (all, size) => Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));

/** Do something to each, a few at a time; throws what the first refusal said, and how many others there were. */
async function each(assets, one, tell) {
  const waiting = [...assets];
  const refusals = [];
  let done = 0;
  const work = async () => {
    for (let asset = waiting.shift(); asset; asset = waiting.shift()) {
      await one(asset).catch((refused) => refusals.push(`${asset.public_id}: ${refused.message}`));
      tell(`${++done} of ${assets.length}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (refusals.length) throw new Refused(`${counted(refusals.length, "asset")} of ${assets.length} refused. ${refusals[0]}`);
}

const outcome = (became, words) => ({ done: words, tried: "" })[became] ?? null;

const COMMANDS = { add: ["Add to what they have", "tagged"], remove: ["Remove", "untagged"], replace: ["Replace all tags by these", "tagged anew"] };

export async function tagAll(api, assets) {
  const choices = Object.entries(COMMANDS).map(([value, [label]]) =>
    element("label", { className: "check" }, element("input", { type: "radio", name: "command", value, checked: value === "add" }), label),
  );
  const input = element("input", { name: "tags", required: true, dir: "auto", autocomplete: "off" });
  let command = "add"; // whoever cancels has chosen nothing
  const act = async (said, tell) => {
    command = said.command;
    const tags = [...new Set(said.tags.split(",").map((tag) => tag.trim()).filter(Boolean))];
    if (!tags.length) throw new Refused("Write at least one tag");
    const size = Math.max(1, Math.min(MOST_IDS, Math.floor(MOST_TAGGINGS / tags.length)));
    const kinds = Map.groupBy(assets, (asset) => `${asset.resource_type}/${asset.type}`);
    let done = 0;
    for (const some of [...kinds.values()].flatMap((kind) => inPieces(kind, size))) {
      await api.tag(some, command, tags);
      tell(`${(done += some.length)} of ${assets.length}`);
    }
  };
  const inputs = [element("fieldset", {}, element("legend", {}, "What to do"), choices), element("label", {}, "Tags, separated by commas", input)];
  const became = await asked(`Tags of ${counted(assets.length, "asset")}`, { inputs, yes: "Save", act });
  return outcome(became, `${counted(assets.length, "asset")} ${COMMANDS[command][1]}.`);
}

/** In fixed folder mode the folder is the path of the public id, so that moving is renaming. */
export async function moveAll(api, assets, isFixed) {
  const list = element("datalist", { id: "all-folders" });
  api.allFolders().then((paths) => list.replaceChildren(...paths.map((value) => element("option", { value }))), () => {});
  const input = element("input", { name: "folder", dir: "auto", autocomplete: "off", placeholder: "The root" });
  input.setAttribute("list", list.id);
  let folder;
  const move = (asset) => {
    if (!isFixed) return api.update(asset.asset_id, { asset_folder: folder });
    const target = [folder, asset.public_id.split("/").pop()].filter(Boolean).join("/");
    return target === asset.public_id ? Promise.resolve() : api.rename(asset, target);
  };
  const act = (said, tell) => {
    folder = said.folder.trim().replace(/^\/+|\/+$/g, "");
    return each(assets, move, tell);
  };
  const detail = isFixed ? "Their public ids, and so their URLs, change with the folder." : "A folder that is not there yet is made.";
  const inputs = [element("label", {}, "To the folder", input), list];
  const became = await asked(`Move ${counted(assets.length, "asset")}`, { detail, inputs, yes: "Move", act });
  return outcome(became, `${counted(assets.length, "asset")} moved to ${folder || "the root"}.`);
}

const NAMED = 5;

export async function deleteAll(api, assets) {
  const names = assets.slice(0, NAMED).map((asset) => element("li", {}, name(asset.public_id)));
  const rest = assets.length > NAMED ? element("li", { className: "quiet" }, `and ${assets.length - NAMED} more`) : null;
  const detail = "They and everything derived from them will be gone.";
  const act = async (_, tell) => {
    let done = 0;
    for (const some of inPieces(assets, MOST_IDS)) {
      await api.remove(some.map((asset) => asset.asset_id));
      tell(`${(done += some.length)} of ${assets.length}`);
    }
  };
  const inputs = [element("ul", { className: "names" }, names, rest)];
  const became = await asked(`Delete ${counted(assets.length, "asset")}?`, { detail, inputs, yes: "Delete", isDanger: true, act });
  return outcome(became, `${counted(assets.length, "asset")} deleted.`);
}
