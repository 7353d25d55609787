/// The JSON Schema (2020-12) of `propaga/report/1`, which `propaga report --schema` prints.
///
/// Strict, as the status document's: every member is required and no other is allowed.
package let reportSchema = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:propaga:report:1",
      "title": "propaga/report/1",
      "description": "How one domain's MX change went, as propaga recorded it. Durations and TTLs are whole seconds, instants are RFC 3339 in UTC, absent knowledge is null. A change has the time at which it was first seen.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "schema", "generated_at", "domain", "target", "first_look", "last_look", "phase", "basis", "change_began",
        "bound", "bound_after", "resolvers_counted", "resolvers_clear", "levels", "clear_after", "regressions",
        "authority", "shares", "resolvers", "slowest", "overdue", "events", "looks"
      ],
      "properties": {
        "schema": { "const": "propaga/report/1" },
        "generated_at": { "$ref": "#/$defs/instant" },
        "domain": { "$ref": "#/$defs/domain_name" },
        "target": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "primary", "accepted"],
          "properties": {
            "name": { "$ref": "#/$defs/text" },
            "primary": { "$ref": "#/$defs/domain_name" },
            "accepted": { "type": "array", "items": { "$ref": "#/$defs/text" } }
          }
        },
        "first_look": { "$ref": "#/$defs/instant" },
        "last_look": { "$ref": "#/$defs/instant" },
        "phase": { "description": "At the last look.", "enum": ["undetermined", "unpublished", "publishing", "propagating", "propagated", "second_pass_safe", "decommission_safe"] },
        "basis": { "enum": ["authority", "operator", "resolvers"] },
        "change_began": { "description": "The first authoritative server's switch, or else the publication.", "$ref": "#/$defs/instant_or_null" },
        "bound": { "description": "After it no cache that respects TTLs can have another MX.", "$ref": "#/$defs/instant_or_null" },
        "bound_after": { "$ref": "#/$defs/seconds_or_null" },
        "resolvers_counted": { "$ref": "#/$defs/count" },
        "resolvers_clear": { "$ref": "#/$defs/count" },
        "levels": { "type": "array", "minItems": 4, "maxItems": 4, "items": { "$ref": "#/$defs/level" } },
        "clear_after": {
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["percent", "seconds"],
            "properties": {
              "percent": { "type": "integer", "minimum": 0, "maximum": 100 },
              "seconds": { "$ref": "#/$defs/seconds_or_null" }
            }
          }
        },
        "regressions": { "$ref": "#/$defs/spans" },
        "authority": { "type": "array", "items": { "$ref": "#/$defs/server" } },
        "shares": {
          "description": "A step function: each value is valid until the next.",
          "type": "array",
          "minItems": 1,
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["at", "clear", "counted"],
            "properties": {
              "at": { "$ref": "#/$defs/instant" },
              "clear": { "$ref": "#/$defs/count" },
              "counted": { "$ref": "#/$defs/count" }
            }
          }
        },
        "resolvers": { "type": "array", "items": { "$ref": "#/$defs/resolver" } },
        "slowest": { "type": "array", "maxItems": 5, "items": { "$ref": "#/$defs/resolver_name" } },
        "overdue": { "type": "array", "items": { "$ref": "#/$defs/resolver_name" } },
        "events": { "type": "array", "items": { "$ref": "#/$defs/event" } },
        "looks": {
          "description": "When somebody looked; empty if that is not known.",
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["from", "to"],
            "properties": { "from": { "$ref": "#/$defs/instant" }, "to": { "$ref": "#/$defs/instant" } }
          }
        }
      },
      "$defs": {
    \#(reportSchemaDefinitions)
      }
    }

    """#

private let reportSchemaDefinitions = #"""
        "instant": {
          "type": "string",
          "format": "date-time",
          "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
        },
        "instant_or_null": { "anyOf": [{ "$ref": "#/$defs/instant" }, { "type": "null" }] },
        "domain_name": { "description": "Presentation form without the final dot (RFC 1035 §5.1); the root is a dot.", "type": "string", "minLength": 1, "maxLength": 1004 },
        "address": {
          "description": "An IPv4 address and a port, or an IPv6 address in brackets and a port.",
          "type": "string",
          "pattern": "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+\\]):[0-9]{1,5}$"
        },
        "address_or_null": { "anyOf": [{ "$ref": "#/$defs/address" }, { "type": "null" }] },
        "state": { "enum": ["target", "mixed", "previous", "no_mx", "failing", "silent"] },
        "state_or_null": { "anyOf": [{ "$ref": "#/$defs/state" }, { "type": "null" }] },
        "text": { "type": "string", "minLength": 1 },
        "text_or_null": { "type": ["string", "null"], "minLength": 1 },
        "count": { "type": "integer", "minimum": 0 },
        "seconds_or_null": { "type": ["integer", "null"], "minimum": 0 },
        "ttl": { "type": "integer", "minimum": 0, "maximum": 604800 },
        "ttl_or_null": { "type": ["integer", "null"], "minimum": 0, "maximum": 604800 },
        "span": {
          "description": "From one instant to another; to is null while it goes on.",
          "type": "object",
          "additionalProperties": false,
          "required": ["from", "to"],
          "properties": { "from": { "$ref": "#/$defs/instant" }, "to": { "$ref": "#/$defs/instant_or_null" } }
        },
        "spans": { "type": "array", "items": { "$ref": "#/$defs/span" } },
        "turn": {
          "description": "at: the first look that saw it; after: the last that did not.",
          "type": "object",
          "additionalProperties": false,
          "required": ["at", "after"],
          "properties": { "at": { "$ref": "#/$defs/instant" }, "after": { "$ref": "#/$defs/instant" } }
        },
        "level": {
          "type": "object",
          "additionalProperties": false,
          "required": ["level", "reached", "at", "after", "spans"],
          "properties": {
            "level": { "enum": ["published", "propagated", "second-pass", "decommission"] },
            "reached": { "type": "boolean" },
            "at": { "$ref": "#/$defs/instant_or_null" },
            "after": { "$ref": "#/$defs/seconds_or_null" },
            "spans": { "$ref": "#/$defs/spans" }
          }
        },
        "mx": {
          "description": "By preference, then name.",
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["preference", "exchange", "accepted"],
            "properties": {
              "preference": { "type": "integer", "minimum": 0, "maximum": 65535 },
              "exchange": { "$ref": "#/$defs/domain_name" },
              "accepted": { "type": "boolean" }
            }
          }
        },
        "server": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name", "address", "state", "ttl", "ttl_before_switch", "target_from_the_start", "ttl_lowered", "switches",
            "turned_back", "served"
          ],
          "properties": {
            "name": { "$ref": "#/$defs/text" },
            "address": { "$ref": "#/$defs/address" },
            "state": { "$ref": "#/$defs/state" },
            "ttl": { "$ref": "#/$defs/ttl_or_null" },
            "ttl_before_switch": { "$ref": "#/$defs/ttl_or_null" },
            "target_from_the_start": { "type": "boolean" },
            "ttl_lowered": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["from", "to", "at", "after"],
                "properties": {
                  "from": { "$ref": "#/$defs/ttl" },
                  "to": { "$ref": "#/$defs/ttl" },
                  "at": { "$ref": "#/$defs/instant" },
                  "after": { "$ref": "#/$defs/instant" }
                }
              }
            },
            "switches": { "type": "array", "items": { "$ref": "#/$defs/turn" } },
            "turned_back": { "type": "array", "items": { "$ref": "#/$defs/turn" } },
            "served": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["state", "mx", "ttl", "first_seen", "last_seen", "gone_at"],
                "properties": {
                  "state": { "$ref": "#/$defs/state" },
                  "mx": { "$ref": "#/$defs/mx" },
                  "ttl": { "$ref": "#/$defs/ttl_or_null" },
                  "first_seen": { "$ref": "#/$defs/instant" },
                  "last_seen": { "$ref": "#/$defs/instant" },
                  "gone_at": { "$ref": "#/$defs/instant_or_null" }
                }
              }
            }
          }
        },
        "resolver_name": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "address"],
          "properties": { "name": { "$ref": "#/$defs/text" }, "address": { "$ref": "#/$defs/address" } }
        },
        "resolver": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name", "address", "state", "clear", "overdue", "counted", "excluded", "left_at", "first_flip_at",
            "last_flip_at", "target_since", "clear_at", "clear_after", "old_until", "caches_seen", "checked_at", "overdue_spans", "segments"
          ],
          "properties": {
            "name": { "$ref": "#/$defs/text" },
            "address": { "$ref": "#/$defs/address" },
            "state": { "$ref": "#/$defs/state_or_null" },
            "clear": { "type": "boolean" },
            "overdue": { "type": "boolean" },
            "counted": { "type": "boolean" },
            "excluded": { "$ref": "#/$defs/text_or_null" },
            "left_at": { "$ref": "#/$defs/instant_or_null" },
            "first_flip_at": { "$ref": "#/$defs/instant_or_null" },
            "last_flip_at": { "$ref": "#/$defs/instant_or_null" },
            "target_since": { "description": "Since when it has shown the target without interruption.", "$ref": "#/$defs/instant_or_null" },
            "clear_at": { "$ref": "#/$defs/instant_or_null" },
            "clear_after": { "$ref": "#/$defs/seconds_or_null" },
            "old_until": { "$ref": "#/$defs/instant_or_null" },
            "caches_seen": { "$ref": "#/$defs/count" },
            "checked_at": { "$ref": "#/$defs/instant_or_null" },
            "overdue_spans": { "$ref": "#/$defs/spans" },
            "segments": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["from", "to", "state", "clear", "overdue", "watched"],
                "properties": {
                  "from": { "$ref": "#/$defs/instant" },
                  "to": { "$ref": "#/$defs/instant" },
                  "state": { "$ref": "#/$defs/state_or_null" },
                  "clear": { "type": "boolean" },
                  "overdue": { "type": "boolean" },
                  "watched": { "type": "boolean" }
                }
              }
            }
          }
        },
        "event": {
          "type": "object",
          "additionalProperties": false,
          "required": ["at", "event", "resolver", "address", "from", "to", "mx", "ttl", "seconds"],
          "properties": {
            "at": { "$ref": "#/$defs/instant" },
            "event": { "enum": ["published", "regression", "propagated", "unpropagated", "transition", "clear", "overdue", "second_pass_safe", "second_pass_unsafe", "decommission_safe", "clear_no_more", "overdue_no_more", "clock_went_back"] },
            "resolver": { "$ref": "#/$defs/text_or_null" },
            "address": { "$ref": "#/$defs/address_or_null" },
            "from": { "$ref": "#/$defs/state_or_null" },
            "to": { "$ref": "#/$defs/state_or_null" },
            "mx": { "$ref": "#/$defs/mx" },
            "ttl": { "$ref": "#/$defs/seconds_or_null" },
            "seconds": { "$ref": "#/$defs/seconds_or_null" }
          }
        }
    """#
