//! A script's text: its shebang line, the modules that it needs in an order that suits all of them, its own body.
//!
//! Each file names what it calls in a line of its header: `-- needs: base, clock`, or `-- needs: nothing`. `tests/tidy`
//! checks that the lines are true.

const NEEDS: &str = "-- needs: ";
const NOTHING: &str = "nothing";

/// Redis makes every function of a script anew in each call, so a module's are made when the call first uses one. What a
/// module keeps is gone after the call.
const AT_FIRST_USE: &str = "\
local outlives_call = false
local at_first_use = { __index = function(module, name)
  local built = module[1]()
  module[1] = nil
  setmetatable(module, { __index = built })
  return built[name]
end }
";

/// While a library is loaded, there is nothing of the language but `redis.register_function`: all else is made at the first
/// call. What the modules use of the language is local to them, since Redis looks up a global in two tables. What a module
/// keeps is there in the next call, until the server ends.
#[cfg(feature = "worker")]
const AT_FIRST_CALL: &str = "\
local outlives_call = true
local calls = {}
local function build()
local cjson, error, ipairs, math, pairs, pcall, redis, string, table, tonumber, type, unpack =
  cjson, error, ipairs, math, pairs, pcall, redis, string, table, tonumber, type, unpack
";

/// The module that begins a call and writes at its end what was gathered.
const CONTEXT: &str = "base";

/// One file of `lua/lib/`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Module {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// Why a script has no text: a defect of this version, which a test finds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum JoinError {
    #[error("{0}.lua has no line `-- needs:` in its header")]
    NoNeeds(String),
    #[error("{by}.lua needs {module}, which is no file of lua/lib")]
    Unknown { by: String, module: String },
    #[error("modules need each other in a circle: {0}")]
    Circle(String),
}

/// The text of a library of functions.
#[cfg(feature = "worker")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Library {
    /// What `FUNCTION LOAD` takes.
    pub(super) text: String,
    /// Scripts, and what they are called as functions.
    functions: Vec<(&'static str, String)>,
}

#[cfg(feature = "worker")]
impl Library {
    /// Joins the scripts in `files`, name and text each, and all that they need. Each module stands there once.
    pub(super) fn of(
        library: &[Module],
        files: &[(&'static str, &str)],
    ) -> Result<Self, JoinError> {
        let mut graph = Graph { library, path: Vec::new(), placed: Vec::new() };
        for (name, file) in files {
            graph.place_needs(name, parted(file).1)?;
        }
        let modules = graph
            .placed
            .iter()
            .map(|Module { name, text }| format!("local {name} = (function()\n{text}end)()\n"));
        let calls = files.iter().map(|(name, file)| called(name, file));
        let registered = files.iter().map(|(name, file)| registered(name, file));
        let head = [AT_FIRST_CALL.to_owned()].into_iter();
        let built = head.chain(modules).chain(calls).chain(["end\n".to_owned()]);
        let body = built.chain(registered).collect::<Vec<String>>().concat();
        let name = format!("antre_{}", redis::Script::new(&body).get_hash());
        let text = format!("#!lua name={name}\n{}", body.replace("'@", &format!("'{name}_")));
        let functions = files.iter().map(|(file, _)| (*file, format!("{name}_{file}"))).collect();
        Ok(Self { text, functions })
    }

    /// Returns the name of the function that a script is, if it is one.
    pub(super) fn function(&self, script: &str) -> Option<&str> {
        let (_, function) = self.functions.iter().find(|(name, _)| *name == script)?;
        Some(function)
    }
}

/// Returns the text of the script `name`.
pub(super) fn join(library: &[Module], name: &str, file: &str) -> Result<String, JoinError> {
    let (shebang, body) = parted(file);
    let mut graph = Graph { library, path: Vec::new(), placed: Vec::new() };
    graph.place_needs(name, body)?;
    let mut text = format!("{shebang}\n");
    if !graph.placed.is_empty() {
        text.push_str(AT_FIRST_USE);
    }
    for module in &graph.placed {
        text.push_str(&lazy(module));
    }
    let has_context = graph.placed.iter().any(|module| module.name == CONTEXT);
    if has_context {
        text.extend(["local function call()\n", body, "end\n", &ending("call")]);
    } else {
        text.push_str(body);
    }
    Ok(text)
}

/// A module is a table that its file returns; nothing else of the file is visible outside of it.
fn lazy(module: &Module) -> String {
    let Module { name, text } = module;
    format!("local {name} = setmetatable({{ function()\n{text}end }}, at_first_use)\n")
}

/// A script as a function that is built at first call.
#[cfg(feature = "worker")]
fn called(name: &str, file: &str) -> String {
    let (_, script) = parted(file);
    let ending = ending(&format!("call_{name}, keys, arguments"));
    format!(
        "local function call_{name}(KEYS, ARGV)\n{script}end\n\
         function calls.{name}(keys, arguments)\n{ending}end\n"
    )
}

/// What `FUNCTION LOAD` sees of a script; `@` stands for the library's name, which has the hash of the whole text.
#[cfg(feature = "worker")]
fn registered(name: &str, file: &str) -> String {
    let (shebang, _) = parted(file);
    let flags = shebang.split_once("flags=").map_or("", |(_, flags)| flags).split(',');
    let flags: Vec<String> =
        flags.filter(|flag| !flag.is_empty()).map(|flag| format!("'{flag}'")).collect();
    let flags = flags.join(", ");
    format!(
        "redis.register_function{{ function_name = '@{name}', flags = {{ {flags} }}, callback = function(keys, arguments)\n\
         if not calls.{name} then build() end\nreturn calls.{name}(keys, arguments)\nend }}\n"
    )
}

/// Returns the shebang line and the rest.
fn parted(file: &str) -> (&str, &str) {
    match file.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => (first, rest),
        _ => ("#!lua", file),
    }
}

/// A call that ends with what it gathered, also when it fails: what it wrote before stays as well.
fn ending(call: &str) -> String {
    format!(
        "local is_done, reply = pcall({call})\n{CONTEXT}.write_gathered()\n\
         if not is_done then error(reply, 0) end\nreturn reply\n"
    )
}

/// A walk through the modules, each behind all that it needs.
struct Graph<'a> {
    library: &'a [Module],
    /// The modules whose needs are being placed.
    path: Vec<&'a str>,
    placed: Vec<&'a Module>,
}

impl<'a> Graph<'a> {
    fn place_needs(&mut self, by: &str, text: &'a str) -> Result<(), JoinError> {
        for need in needs(text).ok_or_else(|| JoinError::NoNeeds(by.to_owned()))? {
            self.place(by, need)?;
        }
        Ok(())
    }

    fn place(&mut self, by: &str, name: &'a str) -> Result<(), JoinError> {
        if self.placed.iter().any(|module| module.name == name) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|before| *before == name) {
            let circle: Vec<&str> = self.path.iter().skip(start).copied().chain([name]).collect();
            return Err(JoinError::Circle(circle.join(" -> ")));
        }
        let unknown = || JoinError::Unknown { by: by.to_owned(), module: name.to_owned() };
        let module = self.library.iter().find(|module| module.name == name).ok_or_else(unknown)?;
        self.path.push(name);
        self.place_needs(name, module.text)?;
        self.path.pop();
        self.placed.push(module);
        Ok(())
    }
}

/// Returns the names in the header's line, if there is one.
fn needs(text: &str) -> Option<Vec<&str>> {
    let mut header = text.lines().take_while(|line| line.starts_with("--"));
    let names = header.find_map(|line| line.strip_prefix(NEEDS))?.trim();
    if names == NOTHING {
        return Some(Vec::new());
    }
    Some(names.split(',').map(str::trim).collect())
}
