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
} else if (kind === "inference") {
    const { InferenceClient } = await load("dist/esm/index.js");
    await new InferenceClient().textGeneration({ model: "org/name", inputs: "x" }).catch(() => undefined);
} else if (kind === "langchain") {
    const { HuggingFaceInference } = await load("dist/llms/hf.js");
    // The endpoint is named, or the model would be looked up first, which only a token of the usual shape goes along with.
    const endpointUrl = "https://router.huggingface.co/hf-inference/models/org/name";
    let model;
    try {
        model = new HuggingFaceInference({ model: "org/name", endpointUrl, maxRetries: 0 });
    } catch (e) {
        globalThis.raised = e.name;
    }
    await model?.invoke("x").catch(() => undefined);
} else if (kind === "ai-sdk" || kind === "ai-sdk-2") {
    const { huggingface } = await load(kind === "ai-sdk" ? "dist/index.mjs" : "dist/index.js");
    try {
        await huggingface("org/name").doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "x" }] }] });
    } catch (e) {
        if (e.name === "AI_LoadAPIKeyError") globalThis.raised = e.name;
    }
} else if (kind.startsWith("node-llama-cpp")) {
    // A model named by its repository comes from the endpoint that the environment names, so the token goes there.
    const { resolveHuggingFaceEndpoint } = await load("dist/utils/modelDownloadEndpoints.js");
    const model = resolveHuggingFaceEndpoint(undefined) + "org/name/resolve/main/x.gguf";
    if (kind === "node-llama-cpp-whole") {
        const { createModelDownloader } = await load("dist/utils/createModelDownloader.js");
        await createModelDownloader({ modelUri: model, dirPath: "models" }).catch(() => undefined);
    } else {
        // What createModelDownloader asks; it takes ten times as long to load, so it only proves this way right.
        const { resolveModelFileAccessTokensTryHeaders } = await load("dist/utils/modelFileAccessTokens.js");
        try {
            const [headers] = await resolveModelFileAccessTokensTryHeaders(model, undefined, undefined, undefined);
            await fetch(model, headers ? { headers } : {}).catch(() => undefined);
        } catch (e) {
            globalThis.raised = e.name;
        }
    }
} else {
    throw new Error("unknown kind " + kind);
}
