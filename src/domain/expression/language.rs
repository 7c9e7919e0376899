//! The language: which names, filters and tests there are. A list of what is allowed, so that an update of the engine
//! adds nothing by itself.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value, filters};

use super::FUEL;

/// The variables, and the function.
pub(super) const NAMES: [&str; 4] = ["user", "application", "request", IN_NETWORK];
const IN_NETWORK: &str = "in_network";

/// Filters that make no more than they are given, or pay for it with fuel.
pub const FILTERS: [&str; 29] = [
    "abs",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "replace",
    "reverse",
    "round",
    "select",
    "sort",
    "split",
    "string",
    "title",
    "trim",
    "upper",
];

/// The tests after `is`.
pub const TESTS: [&str; 32] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
    "not",
    "int",
];

/// Filters that `map` may apply to each item.
const MAPPABLE: [&str; 12] =
    ["abs", "bool", "capitalize", "float", "int", "length", "lower", "replace", "string", "title", "trim", "upper"];

/// How deep evaluation may go.
const RECURSION: usize = 50;

/// The one environment: nothing can be loaded into it, and no expression changes it.
pub(super) fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(RECURSION);
        // Errors then say what is undefined, and where.
        environment.set_debug(true);
        for name in ["range", "dict", "namespace", "debug"] {
            environment.remove_global(name);
        }
        environment.add_function(IN_NETWORK, in_network);
        environment.add_filter("map", map);
        environment
    });
    &ENVIRONMENT
}

/// Applies a filter to each item. Its arguments are plain: a list given to each of a hundred items would be a hundred
/// lists that no fuel was paid for.
fn map(state: &mut State, value: Value, arguments: Rest<ValueOrKwargs>) -> Result<Vec<Value>, Error> {
    let values: Vec<Value> = arguments.iter().cloned().map(Value::from).collect();
    let refused = |words: String| Err(Error::new(ErrorKind::InvalidOperation, words));
    match values.first().and_then(|name| name.as_str()) {
        Some(name) if MAPPABLE.contains(&name) => {}
        Some(name) => return refused(format!("map cannot apply {name}; it can apply {}", MAPPABLE.join(", "))),
        None => return refused("map needs the name of a filter in quotes, such as map(\"lower\")".into()),
    }
    let is_plain = |v: &Value| matches!(v.kind(), ValueKind::String | ValueKind::Number | ValueKind::Bool);
    if !values.iter().all(is_plain) {
        return refused("what map hands on must be text, numbers, true or false".into());
    }
    filters::map(state, value, arguments)
}

/// Whether an address lies in one of the networks, which may be addresses too.
fn in_network(address: &str, networks: Rest<Value>) -> Result<bool, Error> {
    let refused = |words: String| Error::new(ErrorKind::InvalidOperation, words);
    let address: IpAddr = address
        .parse()
        .map_err(|_| refused(format!("in_network: {address:?} is not an address; the first argument must be one")))?;
    let mut found = false;
    let mut look = |network: &Value| -> Result<(), Error> {
        let text = network.as_str().unwrap_or_default();
        let network = parse_network(text)
            .ok_or_else(|| refused(format!("in_network: {text:?} is not a network, such as \"192.168.0.0/16\"")))?;
        found |= network.contains(&address.to_canonical());
        Ok(())
    };
    if networks.is_empty() {
        return Err(refused("in_network needs a network too, such as \"192.168.0.0/16\"".into()));
    }
    for network in networks.iter() {
        match network.kind() {
            ValueKind::Seq => network.try_iter()?.try_for_each(|one| look(&one))?,
            _ => look(network)?,
        }
    }
    Ok(found)
}

fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
