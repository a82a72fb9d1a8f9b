// One call of a client's library: `node call.mjs KIND PACKAGE_DIR`. Failing is its normal end: the server answers 401.
import { pathToFileURL } from "node:url";

const [kind, dir] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(dir + "/" + path).href);
const url = "https://huggingface.co/org/name/resolve/main/x.gguf";

if (kind === "hub-lib") {
    const { listFiles } = await load("dist/index.mjs");
    try {
        for await (const _ of listFiles({ repo: "org/name" })) break;
    } catch (e) {
        if (e.statusCode !== 401) throw e;
    }
} else if (kind === "transformers") {
    const { getFile } = await load("src/utils/hub.js");
    await getFile(url).catch(() => undefined);
} else if (kind === "node-llama-cpp") {
    // What createModelDownloader asks; see `whole` for the downloader itself, which takes ten times as long to load.
    const { resolveModelFileAccessTokensTryHeaders } = await load("dist/utils/modelFileAccessTokens.js");
    const [headers] = await resolveModelFileAccessTokensTryHeaders(url, undefined, undefined, undefined);
    await fetch(url, headers ? { headers } : {}).catch(() => undefined);
} else if (kind === "node-llama-cpp-whole") {
    const { createModelDownloader } = await load("dist/utils/createModelDownloader.js");
    await createModelDownloader({ modelUri: url, dirPath: "models" }).catch(() => undefined);
} else {
    throw new Error("unknown kind " + kind);
}
