//! Every environment variable that is known to carry a token of the Hub, and what reads it.
//!
//! Source: the code of the clients named, as read or run for the tables in `clients`; `readers` is empty where the
//! code of every client there was searched for the name in vain. What an installed client reads is asked of its own
//! table, not of the words here.

/// Read by huggingface_hub since 0.19, and by nearly everything else.
pub const CURRENT: &str = "HF_TOKEN";
/// The only name that huggingface_hub reads from 0.6 to 0.18; second since.
pub const OLD: &str = "HUGGING_FACE_HUB_TOKEN";

/// What the value of a variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A token of the Hub, or it is a fault.
    Token,
    /// A token of the Hub for one program alone, which is why it is set.
    OwnToken,
    /// A key of any service: a token of the Hub only where it looks like one.
    AnyKey,
    /// A larger text with tokens inside.
    Inside,
}

/// One variable.
#[derive(Debug)]
pub struct TokenVariable {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub holds: Holds,
    /// Who reads it, for people; empty where no client was found that does.
    pub readers: &'static str,
}

impl TokenVariable {
    /// Whether it is one of the two that huggingface_hub has ever read.
    pub fn is_official(&self) -> bool {
        self.name == CURRENT || self.name == OLD
    }
}

const fn token(name: &'static str, readers: &'static str) -> TokenVariable {
    TokenVariable { name, holds: Holds::Token, readers }
}

const fn own(name: &'static str, readers: &'static str) -> TokenVariable {
    TokenVariable { name, holds: Holds::OwnToken, readers }
}

const fn any_key(name: &'static str, readers: &'static str) -> TokenVariable {
    TokenVariable { name, holds: Holds::AnyKey, readers }
}

/// The two official names first, then by name.
pub static ALL: &[TokenVariable] = &[
    token(CURRENT, "huggingface_hub 0.19 and newer, and most other clients"),
    token(OLD, "huggingface_hub 0.6 and newer, second since 0.19"),
    any_key("API_KEY", "tiny-agents"),
    own("DEFAULT_HF_TOKEN", "hf-mcp-server"),
    token("HF_ACCESS_TOKEN", "transformers.js, after HF_TOKEN"),
    token("HF_API_KEY", "the smolagent command, before HF_TOKEN"),
    token("HF_API_TOKEN", "Haystack and the processes of TGI, before HF_TOKEN; TEI; comfy-cli"),
    token("HF_AUTH_TOKEN", ""),
    token("HF_HUB_TOKEN", "mistral.rs, after HF_TOKEN; huggingface-inference-toolkit"),
    any_key("HF_PASS", "text-generation-webui, as a password"),
    token("HUGGINGFACEHUB_API_KEY", "LangChain.js"),
    token("HUGGINGFACEHUB_API_TOKEN", "LangChain for Python, before HF_TOKEN"),
    token("HUGGINGFACE_ACCESS_TOKEN", ""),
    token("HUGGINGFACE_API_KEY", "LiteLLM, after HF_TOKEN for chat and alone for embeddings; the Vercel AI SDK"),
    token("HUGGINGFACE_API_TOKEN", ""),
    token("HUGGINGFACE_HUB_TOKEN", "hfhub for R, third"),
    token("HUGGINGFACE_TOKEN", ""),
    token("HUGGING_FACE_LLM_API_KEY", "AnythingLLM"),
    token("HUGGING_FACE_TOKEN", ""),
    TokenVariable { name: "INVOKEAI_REMOTE_API_TOKENS", holds: Holds::Inside, readers: "InvokeAI, for URLs" },
    own("LLM_NVIM_HF_API_TOKEN", "llm.nvim"),
    own("LOGGING_HF_TOKEN", "hf-mcp-server"),
    any_key("OPENAI_API_KEY", "chat-ui and others that talk to the Hub's router"),
    own("PARQUET_EXPORT_HF_TOKEN", "chat-ui"),
    own("TESTS_HF_TOKEN", "tests of mistral.rs"),
    token("USER_MANAGED_HF_API_KEY", "llmware"),
];

/// The variable of a name.
pub fn by_name(name: &str) -> Option<&'static TokenVariable> {
    ALL.iter().find(|v| v.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::model::Step;

    #[test]
    fn names_are_unique_and_the_rest_is_sorted() {
        assert!(ALL[0].is_official() && ALL[1].is_official());
        for pair in ALL[2..].windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
        assert!(ALL[2..].iter().all(|v| !v.is_official()));
    }

    /// A table that reads a name which is not here would have its token overlooked by the rules.
    #[test]
    fn every_variable_of_every_client_is_here() {
        for client in crate::clients::all() {
            for step in client.models.iter().flat_map(|m| m.steps) {
                if let Step::Env { names, .. } = step {
                    for name in *names {
                        assert!(by_name(name).is_some(), "{} reads {name}", client.name);
                    }
                }
            }
        }
    }
}
