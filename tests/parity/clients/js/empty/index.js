// Imported by name only; nothing here runs a model.
module.exports = new Proxy({}, { get: (_, k) => (k === "__esModule" ? undefined : {}) });
