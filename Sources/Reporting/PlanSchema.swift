/// The JSON Schema (2020-12) of `propaga/plan/1`, which `propaga plan --schema` prints. As strict as that of the
/// status: every member is required and no other is allowed.
package let planSchema = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:propaga:plan:1",
      "title": "propaga/plan/1",
      "description": "Whether domains are ready for the change of their MX, and the dates of the steps. Durations and TTLs are whole seconds, instants are RFC 3339 in UTC, absent knowledge is null.",
      "type": "object",
      "additionalProperties": false,
      "required": ["schema", "generated_at", "target", "strategy", "settle", "domains", "exit_code"],
      "properties": {
        "schema": { "const": "propaga/plan/1" },
        "generated_at": { "$ref": "#/$defs/instant" },
        "target": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "primary", "accepted", "spf_include"],
          "properties": {
            "name": { "type": "string", "minLength": 1 },
            "primary": { "$ref": "#/$defs/domain_name" },
            "accepted": { "type": "array", "items": { "$ref": "#/$defs/domain_name" } },
            "spf_include": { "$ref": "#/$defs/domain_name_or_null" }
          }
        },
        "strategy": { "enum": ["after", "two-pass"] },
        "settle": { "type": "integer", "minimum": 0 },
        "domains": { "type": "array", "items": { "$ref": "#/$defs/domain" } },
        "exit_code": { "$ref": "#/$defs/exit_code" }
      },
      "$defs": {
        "instant": {
          "type": "string",
          "format": "date-time",
          "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
        },
        "instant_or_null": { "anyOf": [{ "$ref": "#/$defs/instant" }, { "type": "null" }] },
        "domain_name": { "description": "Presentation form without the final dot (RFC 1035 §5.1); the root is a dot.", "type": "string", "minLength": 1, "maxLength": 1004 },
        "domain_name_or_null": { "anyOf": [{ "$ref": "#/$defs/domain_name" }, { "type": "null" }] },
        "ttl": { "type": "integer", "minimum": 0, "maximum": 604800 },
        "exit_code": { "description": "0 ready, 1 wait or fix something, 2 cannot tell.", "enum": [0, 1, 2] },
        "text": { "type": "string", "minLength": 1 },
        "domain": {
          "type": "object",
          "additionalProperties": false,
          "required": ["domain", "subdomains", "zone", "readiness", "switched", "exit_code", "ttl", "mx", "checks", "timeline"],
          "properties": {
            "domain": { "$ref": "#/$defs/domain_name" },
            "subdomains": { "description": "The subdomains that move too.", "type": "array", "items": { "$ref": "#/$defs/domain_name" } },
            "zone": { "$ref": "#/$defs/domain_name_or_null" },
            "readiness": { "enum": ["ready", "not_yet", "unknown"] },
            "switched": { "description": "Whether every authoritative server that answers serves the new MX already.", "type": "boolean" },
            "exit_code": { "$ref": "#/$defs/exit_code" },
            "ttl": { "description": "The longest TTL that copies of the MX, or of its absence, get now.", "anyOf": [{ "$ref": "#/$defs/ttl" }, { "type": "null" }] },
            "mx": { "description": "The present MX, by preference, then name.", "type": "array", "items": { "$ref": "#/$defs/exchange" } },
            "checks": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/check" } },
            "timeline": { "description": "Null if there is nothing to switch, or the present MX is not known.", "anyOf": [{ "$ref": "#/$defs/timeline" }, { "type": "null" }] }
          }
        },
        "exchange": {
          "type": "object",
          "additionalProperties": false,
          "required": ["preference", "exchange", "accepted", "addresses"],
          "properties": {
            "preference": { "type": "integer", "minimum": 0, "maximum": 65535 },
            "exchange": { "$ref": "#/$defs/domain_name" },
            "accepted": { "type": "boolean" },
            "addresses": { "description": "Null if no resolver told.", "anyOf": [{ "type": "array", "items": { "$ref": "#/$defs/text" } }, { "type": "null" }] }
          }
        },
        "check": {
          "type": "object",
          "additionalProperties": false,
          "required": ["check", "status", "until", "text", "remedy"],
          "properties": {
            "check": { "enum": ["domain", "zone", "mx_ttl", "ttl_lowered", "cached_copies", "authority", "delegation", "name_servers", "new_exchanges", "present_mx", "mta_sts", "tlsa", "spf", "dnssec", "wildcard_mx", "subdomain", "first_pass"] },
            "status": { "enum": ["ok", "wait", "fix", "unknown"] },
            "until": { "$ref": "#/$defs/instant_or_null" },
            "text": { "$ref": "#/$defs/text" },
            "remedy": { "anyOf": [{ "$ref": "#/$defs/text" }, { "type": "null" }] }
          },
          "if": { "properties": { "status": { "const": "wait" } } },
          "then": { "properties": { "until": { "$ref": "#/$defs/instant" } } },
          "else": { "properties": { "until": { "type": "null" } } }
        },
        "timeline": {
          "type": "object",
          "additionalProperties": false,
          "required": ["earliest_switch", "switch_at", "bound", "previous_ttl", "costs", "steps"],
          "properties": {
            "earliest_switch": { "$ref": "#/$defs/instant" },
            "switch_at": { "$ref": "#/$defs/instant" },
            "bound": { "description": "From then on no cache that respects TTLs has the previous MX.", "$ref": "#/$defs/instant" },
            "previous_ttl": { "description": "For --previous-ttl of a watch that begins at the switch.", "$ref": "#/$defs/ttl" },
            "costs": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["kind", "text"],
                "properties": {
                  "kind": { "enum": ["long_copies", "less_than_two_days", "short_first_pass"] },
                  "text": { "$ref": "#/$defs/text" }
                }
              }
            },
            "steps": {
              "description": "In the order of time.",
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["step", "not_before", "text"],
                "properties": {
                  "step": { "enum": ["lower_ttl", "first_pass", "switch", "forward", "propagated", "only_pass", "second_pass", "raise_ttl", "decommission"] },
                  "not_before": { "$ref": "#/$defs/instant" },
                  "text": { "$ref": "#/$defs/text" }
                }
              }
            }
          }
        }
      }
    }

    """#
