// Preloaded (node --import) into a client: every fetch goes to PARITY_ENDPOINT instead, through the real fetch,
// so the server sees the true bytes; and the value that the client hands over is kept, for those that fetch refuses.
// Lines on descriptor 3, the last one counts: {"handed": [hex…], "refused": class|null, "raised": class|null}; `raised`
// is what a client threw before any request. At exit would be too late for a client whose own handler of faults throws.
import fs from "node:fs";

const endpoint = process.env.PARITY_ENDPOINT;
delete process.env.PARITY_ENDPOINT;
const handed = [];
let refused = null;
let depth = 0;

function report() {
    fs.writeSync(3, JSON.stringify({ handed, refused, raised: globalThis.raised ?? null }) + "\n");
}

function keep(value) {
    if (depth === 0) handed.push(Buffer.from(String(value), "utf8").toString("hex"));
}

// The ways a client has: Headers.set, and a plain object given to Headers or to fetch.
function keepOf(headers) {
    if (headers && !(headers instanceof RealHeaders) && !Array.isArray(headers))
        for (const [name, value] of Object.entries(headers)) if (name.toLowerCase() === "authorization") keep(value);
}

const RealHeaders = globalThis.Headers;
globalThis.Headers = class Headers extends RealHeaders {
    constructor(init) {
        keepOf(init);
        try {
            super(init);
        } catch (e) {
            refused = e.name;
            throw e;
        }
    }
};

const set = Headers.prototype.set;
Headers.prototype.set = function (name, value) {
    if (String(name).toLowerCase() === "authorization") keep(value);
    try {
        return set.call(this, name, value);
    } catch (e) {
        refused = e.name;
        throw e;
    }
};

const realFetch = globalThis.fetch;
globalThis.fetch = async function (input, init = {}) {
    keepOf(init.headers);
    const path = String(input?.url ?? input).replace(/^[a-z]+:\/\/[^/]*/i, "");
    report();
    const target = endpoint + (path.startsWith("/") ? path : "/" + path);
    depth++; // undici fills Headers of its own
    try {
        return await realFetch(target, init);
    } catch (e) {
        refused = e.name;
        report();
        throw e;
    } finally {
        depth--;
    }
};

process.on("exit", report);
