//! Broken configurations that hold secrets, on the line of the error and on its neighbours.

pub const SECRETS: [&str; 3] = ["hunter2hunter2", "s3cret/with+more%", "hunter3 hunter3"];

pub const CONFIGURATIONS: &[&str] = &[
    // A misspelt key beside the secret, and a misspelt key of the secret itself.
    "credentials:\n  a: { token_endpoint: https://x.test/, client_id: x, client_secret: hunter2hunter2, scop: x }\n",
    "credentials:\n  a:\n    token_endpoint: https://x.test/\n    client_id: x\n    client_secrt: hunter2hunter2\n",
    "credentials:\n  a:\n    client_secret: hunter2hunter2\n    token_endpont: x\n    headers: { x-key: hunter2hunter2 }\n",
    // The wrong type.
    "credentials:\n  a: { client_secret: [hunter2hunter2, { hunter2hunter2: s3cret/with+more% }] }\n",
    "credentials:\n  a: { client_secret: { hunter2hunter2: x } }\n",
    "credentials: { a: hunter2hunter2 }\n",
    "credentials: hunter2hunter2\n",
    "hunter2hunter2\n",
    "s3cret/with+more%: hunter2hunter2\n",
    // Twice.
    "credentials:\n  a:\n    client_secret: hunter2hunter2\n    client_secret: s3cret/with+more%\n",
    // Not YAML: an open quote, an open bracket, a tab, a stray colon, an anchor, an alias, a tag.
    "credentials:\n  a:\n    client_secret: \"hunter2hunter2\n    scope: x\n",
    "credentials:\n  a: { client_secret: hunter2hunter2\n",
    "credentials:\n  a:\n    client_secret: hunter2hunter2\n\tscope: x\n",
    "credentials:\n  a:\n    client_secret: hunter2hunter2: s3cret/with+more%\n",
    "credentials:\n  a:\n    client_secret: &hunter2hunter2 x\n",
    "credentials:\n  a:\n    client_secret: *hunter2hunter2\n",
    "credentials:\n  a:\n    client_secret: !hunter2hunter2 x\n",
    "credentials:\n  a:\n    client_secret: %hunter2hunter2\n",
    "credentials:\n  a:\n    client_secret: @hunter2hunter2\n    x: `hunter2hunter2\n",
    "credentials:\n  a:\n    client_secret: |9hunter2hunter2\n      hunter2hunter2\n",
    "%hunter2hunter2 1.0\n---\ncredentials: {}\n",
    // Elsewhere: a URL, a parameter, a comment, a document of its own.
    "credentials:\n  a: { token_endpoint: \"https://u:hunter2hunter2@x.test/?k=s3cret/with+more%#x\", client_authentication: none }\n",
    "credentials:\n  a: { token_endpoint: https://x.test/, parameters: { p: \"hunter2hunter2 ${nothing}\" }, client_authentication: none }\n",
    "credentials:\n  a: { outputs: [{ token_file: { path: ../x } }] } # hunter3 hunter3\n",
    "credentials:\n  a: {} # hunter3 hunter3\n---\nhunter2hunter2\n",
];
