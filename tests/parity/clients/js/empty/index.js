// Imported for their names; nothing here runs a model.
exports.env = { wasm: {} };
exports.InferenceSession = exports.Tensor = class {};
