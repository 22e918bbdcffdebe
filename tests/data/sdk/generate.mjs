// What the official JavaScript SDKs write, one line each: node generate.mjs (see README.md).
//
// Walks every action and qualifier of @cloudinary/url-gen by reflection, so that a word added by a later
// version is either written or named on standard error; then every option of `cloudinary.url`.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const sdk = (path) => require(`@cloudinary/url-gen/${path}`);
const named = (path, name) => sdk(path)[name];
const { Transformation, Cloudinary } = require("@cloudinary/url-gen");

// --- values for what actions and qualifiers take, by the name of the method ---

const Gravity = named("qualifiers/gravity", "Gravity");
const Source = named("qualifiers/source", "Source");
const Region = named("qualifiers/region", "Region");
const Background = named("qualifiers/background", "Background");
const { FocusOn } = sdk("qualifiers/focusOn");
const { AutoFocus } = sdk("qualifiers/autoFocus");
const { Position } = sdk("qualifiers/position");
const { TextStyle } = sdk("qualifiers/textStyle");
const { Compass } = sdk("qualifiers/compass");
const { Timeline } = sdk("qualifiers/timeline");
const { Volume } = sdk("qualifiers/volume");
const { TextFit } = sdk("qualifiers/textFit");
const { Stroke } = sdk("qualifiers/textStroke");
const { max, byRadius } = sdk("actions/roundCorners");
const { scale } = sdk("actions/resize");
const { sepia, grayscale } = sdk("actions/effect");
const { expression } = sdk("qualifiers/expression");

const words = (path, name) => {
  const isWord = (each) => typeof each !== "function" || !each.toString().startsWith("class");
  return Object.values(named(path, name)).filter(isWord).map((word) => (typeof word === "function" ? word() : word));
};
const each = (values) => values.map((value) => [value]);
const some = () => new Transformation().addAction(sepia());
const style = () => new TextStyle("Arial", 40);
const levels = each([10, 50, "$level"]);
const lengths = each([10, 0.2, "w_div_10", "$side"]);
const colours = each(["red", "#ff0000", "#0f08", "$color"]);
const overlays = each([
  Source.image("folder/logo"),
  Source.image("logo").transformation(some()),
  Source.text("Hello, World/ok? 100%", style()),
  Source.text("Hi", "Roboto_20_bold"),
  Source.text("$(greeting)", style()).textColor("#ff0000").backgroundColor("white"),
  Source.fetch("https://example.com/a b.png"),
]);
const autoGravities = [
  Gravity.autoGravity(),
  Gravity.autoGravity().autoFocus(AutoFocus.focusOn(FocusOn.cat()).weight(30), AutoFocus.focusOn(FocusOn.dog()).avoid()),
  Gravity.autoGravity().autoFocus(AutoFocus.focusOn(FocusOn.face())),
];
const gravities = each([
  ...Object.keys(sdk("qualifiers/compass").Compass ?? {}).map((key) => Gravity.compass(Compass[key]())),
  ...Object.values(FocusOn).map((focus) => Gravity.focusOn(focus())),
  Gravity.focusOn(FocusOn.cat(), FocusOn.dog()),
  Gravity.focusOn(FocusOn.cat()).fallbackGravity(Gravity.autoGravity()),
  ...autoGravities,
  Gravity.xyCenter(),
]);
const gradients = ["borderGradient", "predominantGradient"].flatMap((name) => [
  Background[name](),
  Background[name]().contrast(),
  Background[name]().palette("red", "green").gradientColors(4),
  ...words("qualifiers/gradientDirection", "GradientDirection").map((word) => Background[name]().gradientDirection(word)),
]);
const backgrounds = each([
  ...["auto", "border", "predominant", "blurred", "generativeFill"].map((name) => Background[name]()),
  Background.color("lightblue"),
  Background.border().contrast().palette("red", "green"),
  Background.predominant().contrast().palette("red", "#00ff00"),
  Background.blurred().intensity(100).brightness(-20),
  Background.generativeFill().prompt("mug of coffee and, well, cookies"),
  ...gradients,
]);
const positions = each([
  new Position().gravity(Gravity.compass(Compass.northEast())).offsetX(10).offsetY(0.1),
  new Position().gravity(Gravity.focusOn(FocusOn.faces())).tiled(),
  new Position().allowOverflow(false),
]);
const rectangles = [Region.rectangle(10, 20, 30, 40)];

const VALUES = {
  additionalIterations: levels, angle: each([45, -20]), asFloat: [[]], asInteger: [[]], asRemote: [[]], asWasm: [[]],
  aspectRatio: each(["16:9", 1.5, ...words("qualifiers/aspectRatio", "AspectRatio")]),
  autoFocus: [], avoid: [[]], azimuth: each([100]), background: backgrounds, backgroundColor: colours,
  bias: each([20]), blackwhite: [[]], blend: each([50]), blendMode: each([...words("qualifiers/blendMode", "BlendMode"), "multiply"]),
  blurLevel: levels, brightness: each([-10]), byIndex: each([2, "$page"]), byLayerName: each(["layer one"]),
  byName: [["name"], ["one", "two"]], byNumber: each([3]), byRange: [[2, 4], [3, undefined]], chromaSubSampling: each([420, 444]),
  color: colours, colorOverride: each(["red", "#ff0000"]), colorReductionLevel: levels, colorSimilarity: levels, colorToRemove: each(["red"]),
  colorToReplace: each(["red", "#00ff00"]), condition: each(words("qualifiers/simulateColorBlind", "SimulateColorBlind")),
  constant: [[]], contrast: [[]], cornersLevel: levels, delay: each([120]), despeckleLevel: levels, detailsLevel: levels,
  detectMultiple: [[], [true]], duration: each([2.5]), elevation: each([30]), endOffset: each([5.5]), evenOdd: [[]],
  fallbackGravity: [], fineEdges: [[], [false]], format: each(words("qualifiers/animatedFormat", "AnimatedFormat")), from: each(["apple"]), fromColor: each(["blue"]),
  functionType: each(["sigmoidal", "linear"]), gradientColors: each([4]), gradientDirection: [], gravity: gravities,
  height: lengths, hints: [], horizontalStartPoint: lengths, intensity: levels, invert: [[], [false]], letterSpacing: each([4]),
  level: levels, liquidRescaling: [[]], loop: each([3]), lossy: [[]], max: [[]], maximumSegments: each([3]),
  minimumSegmentDuration: each([3]), lineStrength: levels, solid: [],
  "adjust.improve.mode": each(words("qualifiers/improveMode", "ImproveMode")), "effect.extract.mode": each(["content", "mask"]), "effect.outline.mode": each(words("qualifiers/outlineMode", "OutlineMode")),
  "effect.gradientFade.type": each(words("qualifiers/GradientFade", "GradientFade")), "effect.generativeRemove.prompt": each(["a mug of coffee", "prompt"]),
  "rotate.mode.mode": [], "effect.generativeRemove.region": [rectangles, [...rectangles, ...rectangles]], "rotate.byAngle.mode": each(words("qualifiers/rotationMode", "RotationMode")),
  noRedEye: [[]], numOfColors: levels, offsetX: lengths, offsetY: lengths, otherwise: [[new Transformation().addAction(grayscale())]],
  palette: [["red", "green"]], paths: each([50]), photosensitivity: each([110]), position: positions, prepend: [[]], preprocess: [[]],
  preserveAlpha: [[], [false]], preserveColor: [[]], preserveGeometry: [[], [false]], preserveTransparency: [[]], profile: each(["high"]),
  progressive: each(words("qualifiers/progressive", "Progressive")), prompt: each(["a mug of coffee, and cookies", "prompt"]), quantization: each([80]),
  radius: [[10], [10, 20], [10, 20, 30], [10, 20, 30, 40], ["max"]], rate: each([5]), region: each([Region.faces(), Region.ocr(), Region.custom().x(10).y(20).width(30).height(40)]),
  regionRelative: [[]], relative: [[]], removeShadow: [[], [false]], roundCorners: each([max(), byRadius(10, 20)]), sampling: each([4, "2s"]),
  screen: [[]], seed: each([5]), shakeStrength: each([16]), skewX: each([20]), skewY: each([10]), skinSaturation: each([20]), spread: each([20]), squareSize: levels,
  startOffset: each([1.5, "auto"]), strength: levels, stripesStrength: levels, stroke: [], threshold: levels, tiled: [[]], timeline: each([Timeline.position().startOffset(1).endOffset(4)]),
  to: each(["orange"]), tolerance: levels, toColor: each(["red"]), transformation: [], transition: [], type: each([3]), verticalStartPoint: lengths, weight: [],
  width: lengths, x: lengths, y: lengths, xray: [[]], zoom: each([0.75, 2, "$zoom"]), angleMode: [],
};
const NEVER = new Set([
  "constructor", "addQualifier", "addValue", "addFlag", "addAction", "setActionTag", "setDelimiter", "setLayerType", "setQualifier",
  "getActionTag", "getQualifierModel", "getGravity", "toString", "toJson", "getRadius", "isBlurAction", "prepareQualifiers", "setAssignmentOrder", "validate",
  "addValueToQualifier", "closeLayer", "openLayer", "getTransitionString", "parseVal",
  "createEffectQualifier", "setLevel", "encodeCustomFunctionString", "preparePromptValue", "prepareRegionValue", "overwriteQualifier",
]);

// --- arguments of the actions themselves; one that is not named takes none ---

const sizes = [[100, 50], ["0.5"], [0.5, 0.5], [undefined, 200], ["auto"], ["auto:100:400"], ["iw_div_2", "ih_mul_0.5"], ["$width", "$height"]];
const ARGUMENTS = {
  "adjust.tint": [[], [50], ["100:red:blue:white"], ["equalize:80:blue:green"], ["80:red:10p:blue:90p"]],
  "adjust.replaceColor": each(["saddlebrown", "#ff0000"]), "adjust.opacity": each([50]), "adjust.by3dLut": each(["iwltbap_aspen.cube"]),
  "adjust.recolor": [[[[0.3, 0.7, 0.1], [0.3, 0.6, 0.1], [0.2, 0.5, 0.1]]], [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0.5]]]],
  "border.solid": [[4, "red"], ["5.5", "#ff000080"], ["$border", "white"]], "border.roundCorners": [[max()], [byRadius(20)]],
  "conditional.ifCondition": [["width > 500", some()], ["aspect_ratio >= 3:4 && tags in !a:b!", some()], ["isndef_$x || !a:b! in tags", some()], ["ctx:!k! = !v!", some()], ["faceCount > 1", some()], ["pageCount > 1", some()]],
  "customFunction.remote": each(["https://example.com/f"]), "customFunction.wasm": each(["blur.wasm"]),
  "delivery.format": each(["auto", "auto:image", "auto:animated", ...words("qualifiers/format", "Format")]),
  "delivery.dpr": each(["auto", 2, "1.5"]), "delivery.quality": each([1, 80, 100, "0.4", "auto:eco:sensitive", "$q", ...words("qualifiers/quality", "Quality")]),
  "delivery.density": each([150]), "delivery.defaultImage": each(["folder:none.png"]), "delivery.colorSpace": each(words("qualifiers/colorSpace", "ColorSpace")), "delivery.colorSpaceFromICC": each(["profile.icc"]),
  "effect.artisticFilter": each(words("qualifiers/artisticFilter", "ArtisticFilter")), "effect.dither": each([undefined, ...words("qualifiers/dither", "Dither")]),
  "effect.styleTransfer": each([Source.image("style")]), "effect.blackwhite": each([undefined, 20]), "effect.extract": each(["book", ["book", "a pen"]]),
  "effect.generativeRecolor": [["shirt", "red"], [["shirt", "a hat"], "#00ff00"]], "effect.theme": each(["black", "#ffcc00"]), "effect.trim": [[], [10], [10, "white"]],
  "effect.fadeIn": each([undefined, 500]), "effect.fadeOut": each([undefined, 500]), "effect.accelerate": each([undefined, 100]),
  "namedTransformation.name": each(["thumb", "two words"]), "overlay.source": [...overlays, ...each([Source.video("clip"), Source.audio("sound"), Source.subtitles("words.srt")])],
  "underlay.source": overlays, "reshape.cutByImage": each([Source.image("mask"), Source.text("Cut", style())]), "reshape.distortArc": each([180, "-45"]),
  "reshape.distort": [[[10, 10, 90, 0, 100, 100, 0, 90]], [["0.01", "$x", 90, 0, 100, 100, 0, 90]]], "reshape.shear": [[20, 0], ["20.5", "$y"]], "reshape.displace": each([Source.image("map")]),
  "rotate.mode": each([...words("qualifiers/rotationMode", "RotationMode"), "exif"]), "rotate.byAngle": each([90, -20, 45.5]), "roundCorners.byRadius": [[10], [1, 2], [1, 2, 3], [1, 2, 3, 4], ["$r"]],
  "transcode.audioFrequency": each(words("qualifiers/audioFrequency", "AudioFrequency")), "transcode.audioCodec": each(words("qualifiers/audioCodec", "AudioCodec")),
  "transcode.bitRate": each(["250k", 500000]), "transcode.fps": each([25]), "transcode.fpsRange": [[20, 30], [20]], "transcode.keyframeInterval": each([0.5]),
  "transcode.streamingProfile": each(words("qualifiers/streamingProfile", "StreamingProfile")), "transcode.toAnimated": each(["gif", "webp"]), "transcode.videoCodec": each(words("qualifiers/videoCodec", "VideoCodec")),
  "variable.set": [["w", 100], ["w", "iw_mul_2"], ["list", ["a", "b"]], ["e", expression("$foo * 2 + initial_width")]], "variable.setFloat": [["f", 1.5]], "variable.setInteger": [["i", 5]],
  "variable.setString": [["s", "some text"], ["s", "a:b"]], "variable.setAssetReference": [["r", "folder/image"]], "variable.setFromContext": [["c", "key"]], "variable.setFromMetadata": [["m", "id"]],
  "videoEdit.concatenate": each([Source.video("clip")]), "videoEdit.volume": each([50, ...[Volume.mute(), Volume.byPercent(50), Volume.byDecibels(-5)]]),
  ...Object.fromEntries(["scale", "imaggaScale", "imaggaCrop", "crop", "fill", "fit", "pad", "limitFill", "limitFit", "minimumPad", "minimumFit", "fillPad", "thumbnail", "auto", "limitPad", "autoPad"].map((mode) => [`resize.${mode}`, sizes])),
};

const cutting = new Set(["crop", "fill", "thumbnail", "auto"]); // the modes that get every gravity; others some
const valuesOf = (area, name, method) => {
  const values = VALUES[`${area}.${name}.${method}`] ?? VALUES[method];
  return method === "gravity" && !cutting.has(name) ? values.filter((_, at) => at % 7 === 0) : values;
};
const lines = new Set();
const unknown = new Set();
const cloud = new Cloudinary({ cloud: { cloudName: "demo" }, url: { analytics: false } });
const { set, setString } = sdk("actions/variable");
const NAMES = { level: 30, side: 20, width: 200, height: 100, zoom: 1.5, border: 3, page: 1, foo: 2, x: 10, y: 5, q: 70, r: 8 };
const STRINGS = { color: "red", greeting: "Hello", name: "Ann", other: "Bob" };
const write = (...actions) => {
  const text = actions.reduce((tx, action) => tx.addAction(action), new Transformation()).toString();
  const uses = (name) => new RegExp(`\\$\\(?${name}(?![a-z0-9])|\\$${name}px`).test(text) && !text.startsWith(`$${name}_`);
  const first = new Transformation();
  for (const [name, value] of Object.entries(NAMES)) if (uses(name)) first.addAction(set(name, value));
  for (const [name, value] of Object.entries(STRINGS)) if (uses(name)) first.addAction(setString(name, value));
  const transformation = actions.reduce((tx, action) => tx.addAction(action), first);
  const url = cloud.image("sample").addTransformation(transformation).toURL();
  if (!/undefined|\[object|pg_(?:[,/]|$)|gen_remove:(?:\/|multiple|remove-shadow)/.test(url)) lines.add(url); // what is no use of the SDK writes such words
};
const methods = (thing) => {
  const found = new Set();
  for (let proto = Object.getPrototypeOf(thing); proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto))
    for (const name of Object.getOwnPropertyNames(proto)) if (typeof thing[name] === "function" && !NEVER.has(name)) found.add(name);
  return found;
};

const AREAS = "adjust animated border conditional customFunction delivery effect extract namedTransformation overlay psdTools reshape resize rotate roundCorners transcode underlay variable videoEdit";
for (const area of AREAS.split(" ")) {
  const factories = Object.entries(sdk(`actions/${area}`)).filter(([name, each]) => typeof each === "function" && name !== "default" && /^[a-z]/.test(name));
  for (const [name, factory] of factories) {
    const argumentLists = ARGUMENTS[`${area}.${name}`] ?? (factory.length ? [[], [20]] : [[]]);
    for (const list of argumentLists) write(factory(...list));
    const make = () => factory(...argumentLists[0]);
    for (const method of methods(make())) {
      const tried = valuesOf(area, name, method);
      if (tried === undefined) { unknown.add(`${area}.${name}().${method}`); continue; }
      for (const values of tried) {
        try { const action = make(); action[method](...values); write(action); } catch (error) { console.error(`${area}.${name}().${method}: ${error.message}`); }
      }
    }
    try { // everything at once: the order and the joining of many words
      const action = make();
      for (const method of methods(action)) if (valuesOf(area, name, method)?.length) action[method](...valuesOf(area, name, method)[0]);
      write(action);
    } catch { /* words that exclude each other */ }
  }
}
for (const flag of Object.entries(sdk("qualifiers/flag").Flag).map(([name, make]) => make(...({ custom: ["any_format"], attachment: ["a name"], streamingAttachment: ["clip"] }[name] ?? []))))
  write(scale(100).addFlag(flag));
const texts = [
  ...words("qualifiers/fontWeight", "FontWeight").map((word) => style().fontWeight(word)), ...words("qualifiers/fontStyle", "FontStyle").map((word) => style().fontStyle(word)),
  ...words("qualifiers/textDecoration", "TextDecoration").map((word) => style().textDecoration(word)), ...words("qualifiers/textAlignment", "TextAlignment").map((word) => style().textAlignment(word)),
  ...words("qualifiers/FontAntialias", "FontAntialias").map((word) => style().fontAntialias(word)), ...words("qualifiers/fontHinting", "FontHinting").map((word) => style().fontHinting(word)),
  style().stroke(), style().stroke(Stroke.solid(5, "red")), style().stroke(Stroke.solid(5, "#ff0000")), style().letterSpacing(4), style().letterSpacing(-2.5), style().lineSpacing(-3), new TextStyle("Open Sans", 20),
  style().fontWeight("bold").fontStyle("italic").textDecoration("underline").textAlignment("center").letterSpacing(2).lineSpacing(3).fontAntialias("best").fontHinting("full").stroke(),
];
const { source: overlay } = sdk("actions/overlay");
for (const look of texts) write(overlay(Source.text("Hello", look)));
for (const words of ["a, b/c", "50% off!", "ünïcödé ☃ 日本", "سلام", "line\nbreak", "$(name) and $(other)", "a:b;c?d#e", "😀"]) write(overlay(Source.text(words, style())));
write(overlay(Source.text("Wrapped", style()).textFit(TextFit.size(200, 100))));
write(overlay(Source.image("logo").transformation(new Transformation().addAction(scale(0.5).relative()))));
write(scale(100), sepia(), overlay(Source.image("logo")));

for (const [id, change] of [["folder/a photo.jpg", {}], ["sample", { version: 12 }], ["sample", { signature: "abcdefgh" }], ["https://example.com/a?b=c&d=é", { deliveryType: "fetch" }], ["a&b=c+d,e", {}], ["sample", { suffix: "red-shoe" }]]) {
  const image = cloud.image(id).addTransformation(new Transformation().addAction(scale(100)));
  if (change.version) image.setVersion(change.version);
  if (change.signature) image.setSignature(change.signature);
  if (change.deliveryType) image.setDeliveryType(change.deliveryType);
  if (change.suffix) image.setSuffix(change.suffix);
  lines.add(image.toURL());
}
lines.add(new Cloudinary({ cloud: { cloudName: "demo" } }).image("sample").addTransformation(some()).toURL()); // with analytics
writeFileSync("url-gen.txt", [...lines].filter(Boolean).sort().join("\n") + "\n");
for (const each of [...unknown].sort()) console.error(`no values for ${each}`);

// --- every option of cloudinary.url ---

const cloudinary = require("cloudinary").v2;
cloudinary.config({ cloud_name: "demo", api_key: "1", api_secret: "demo-secret-for-this-laptop-only", secure: false, analytics: false });
const OPTIONS = {
  angle: [45, "auto_right", ["vflip", 45], "exif", "ignore", "hflip"], aspect_ratio: ["1:1", 1.5, "iar"], background: ["red", "#112233", "auto:predominant", "blurred:400:15"],
  border: ["4px_solid_black", { width: 4, color: "#11223344" }, { width: 2 }], color: ["red", "#112233"], color_space: ["srgb", "cmyk"], crop: ["fill"], default_image: ["avatar.png"], delay: [200], density: [150],
  dpr: [2, "auto", "1.5"], duration: [2, "35%"], effect: ["sepia", "sepia:10", ["hue", 20], { sepia: -10 }, "art:incognito"], end_offset: [3], fetch_format: ["auto", "webp"], flags: ["lossy", ["progressive", "strip_profile"]],
  format: ["png", "webp"], fps: [25, "24-29.97", [24, 29.97]], gravity: ["face", "north_west", "auto", "auto:subject"], height: [10, 0.5, "ih_div_2"], keyframe_interval: [10], offset: ["2..3"], opacity: [30], page: [2],
  overlay: ["logo", "folder:logo", { public_id: "folder/logo" }, { public_id: "logo", type: "private" }, { text: "Hello, World/", font_family: "Arial", font_size: 18, font_weight: "bold", font_style: "italic", text_decoration: "underline", text_align: "right", letter_spacing: 4, line_spacing: 2, stroke: "stroke", font_antialias: "best", font_hinting: "slight" }, { text: "Hi", public_id: "style_text" }, { url: "https://example.com/a.png" }, { resource_type: "video", public_id: "cat" }, { resource_type: "subtitles", public_id: "sample_sub_en.srt" }, { resource_type: "raw", type: "upload", public_id: "x.txt" }, { resource_type: "text", text: "$(start)Hello $(name)", font_family: "Arial", font_size: "18" }],
  prefix: ["a"], quality: [80, "auto", "auto:good", "jpegmini", "80:444", 0.4], radius: [10, "max", [10, 20, 30, 40], "10:20", "10:$r"], raw_transformation: ["w_10,c_fill"], start_offset: [1, "auto", "10p"], streaming_profile: ["hd"],
  transformation: ["thumb", ["a", "b"], [{ width: 10, crop: "scale" }, { effect: "sepia" }], [{ if: "w > 200", width: 100, crop: "scale" }, { if: "end" }], [{ if: "face_count > 2 && page_count < 3", crop: "fill", width: 5 }], [{ $w: 100, width: "$w * 2", crop: "scale" }], [{ variables: [["$z", 0.5], ["$foo", "$z * 2"]], width: "$foo * initial_width", crop: "scale" }]],
  underlay: ["ground", { public_id: "folder/ground" }], video_codec: ["h264", { codec: "h264", profile: "basic", level: "3.1" }], video_sampling: [10], width: [100, 0.5, "auto", "auto:50", "auto:breakpoints", "ow"], x: [1, 0.1], y: [2], zoom: [1.5],
  if: ["w < 100 && h > 50", "tags in !a!"], custom_function: [{ function_type: "wasm", source: "blur.wasm" }, { function_type: "remote", source: "https://df34ra4a.execute-api.us-west-2.amazonaws.com/default/cloudinaryFunction" }],
  version: [1234], type: ["private", "authenticated", "fetch", "list", "sprite", "multi"], resource_type: ["video", "raw"], sign_url: [true], url_suffix: ["hello"], shorten: [true], use_root_path: [true], secure: [true], private_cdn: [true], cdn_subdomain: [true], secure_distribution: ["img.example.com"], cname: ["img.example.com"], force_version: [false], long_url_signature: [true], audio_codec: ["acc"], audio_frequency: [44100], bit_rate: ["1m"], responsive_width: [true],
};
const urls = new Set();
const ask = (id, options) => { try { urls.add(cloudinary.url(id, options)); } catch (error) { console.error(`${JSON.stringify(options)}: ${error.message}`); } };
for (const [option, values] of Object.entries(OPTIONS))
  for (const value of values)
    for (const [id, more] of [["sample", {}], ["folder/a photo.jpg", { width: 100, crop: "fill", secure: option !== "type" }]])
      if (option !== "secure_distribution") ask(value === "fetch" ? "https://example.com/a?b=c&d=é" : id, { ...more, [option]: value, ...(option === "url_suffix" ? { private_cdn: true } : {}), ...(option === "long_url_signature" ? { sign_url: true } : {}) });
for (const mode of "scale fit limit mfit fill lfill pad lpad mpad crop thumb auto fill_pad auto_pad imagga_crop imagga_scale".split(" "))
  ask("sample", { crop: mode, width: 100, height: 80, gravity: ["auto", "thumb", "fill_pad", "auto_pad"].includes(mode) ? "auto" : undefined });
for (const format of ["jpg", "png", "gif", "webp", "avif", "pdf", "tiff", "svg", "ico", "jxl", "heic", "mp4"]) ask("sample", { format, width: 10, crop: "scale" });
writeFileSync("cloudinary-npm.txt", [...urls].sort().join("\n") + "\n");
