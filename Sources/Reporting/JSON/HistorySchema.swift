/// The JSON Schema (2020-12) of `propaga/history/1`.
package let historySchema = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "propaga/history/1",
      "description": "What runs of propaga have seen. `list` gives the domains without events, served and resolvers. Instants are RFC 3339 in UTC, TTLs seconds; what is not known is null.",
      "type": "object",
      "additionalProperties": false,
      "required": ["schema", "domains"],
      "properties": {
        "schema": {"const": "propaga/history/1"},
        "domains": {"type": "array", "items": {"$ref": "#/$defs/domain"}}
      },
      "$defs": {
        "instant": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"},
        "maybe_instant": {"anyOf": [{"$ref": "#/$defs/instant"}, {"type": "null"}]},
        "ttl": {"type": ["integer", "null"], "minimum": 0, "maximum": 604800},
        "count": {"type": "integer", "minimum": 0},
        "state": {"enum": ["target", "mixed", "previous", "no_mx", "failing", "silent"]},
        "mx": {
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["preference", "exchange", "accepted"],
            "properties": {
              "preference": {"type": "integer", "minimum": 0, "maximum": 65535},
              "exchange": {"type": "string"},
              "accepted": {"type": "boolean"}
            }
          }
        },
        "domain": {
          "type": "object",
          "additionalProperties": false,
          "required": ["domain", "target", "phase", "basis", "first_look", "last_look", "last_change", "target_since", "published_at",
            "propagated_at", "second_pass_at", "decommission_at", "bound", "resolvers_counted", "resolvers_clear"],
          "properties": {
            "domain": {"type": "string"},
            "target": {
              "type": "object",
              "additionalProperties": false,
              "required": ["name", "primary", "accepted"],
              "properties": {
                "name": {"type": "string"},
                "primary": {"type": "string"},
                "accepted": {"type": "array", "items": {"type": "string"}}
              }
            },
            "phase": {"enum": ["undetermined", "unpublished", "publishing", "propagating", "propagated",
              "second_pass_safe", "decommission_safe"]},
            "basis": {"enum": ["authority", "operator", "resolvers"]},
            "first_look": {"$ref": "#/$defs/instant"},
            "last_look": {"$ref": "#/$defs/instant"},
            "last_change": {"$ref": "#/$defs/maybe_instant"},
            "target_since": {"description": "Since when the last of the resolvers that count has shown the target.", "$ref": "#/$defs/maybe_instant"},
            "published_at": {"$ref": "#/$defs/maybe_instant"},
            "propagated_at": {"$ref": "#/$defs/maybe_instant"},
            "second_pass_at": {"$ref": "#/$defs/maybe_instant"},
            "decommission_at": {"$ref": "#/$defs/maybe_instant"},
            "bound": {"$ref": "#/$defs/maybe_instant"},
            "resolvers_counted": {"$ref": "#/$defs/count"},
            "resolvers_clear": {"$ref": "#/$defs/count"},
            "events": {"type": "array", "items": {"$ref": "#/$defs/event"}},
            "served": {"type": "array", "items": {"$ref": "#/$defs/served"}},
            "resolvers": {"type": "array", "items": {"$ref": "#/$defs/resolver"}}
          }
        },
        "event": {
          "type": "object",
          "additionalProperties": false,
          "required": ["at", "event"],
          "properties": {
            "at": {"$ref": "#/$defs/instant"},
            "event": {"enum": ["published", "regression", "propagated", "unpropagated", "second_pass_safe",
              "second_pass_unsafe", "decommission_safe", "transition", "clear", "not_clear", "overdue",
              "not_overdue", "clock_went_back"]},
            "resolver": {"type": "string"},
            "address": {"type": "string"},
            "from": {"anyOf": [{"$ref": "#/$defs/state"}, {"type": "null"}]},
            "to": {"$ref": "#/$defs/state"},
            "mx": {"$ref": "#/$defs/mx"},
            "ttl": {"$ref": "#/$defs/ttl"},
            "seconds": {"type": "integer"}
          }
        },
        "served": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "address", "state", "mx", "ttl", "first_seen", "last_seen", "gone_at"],
          "properties": {
            "name": {"type": "string"},
            "address": {"type": "string"},
            "state": {"$ref": "#/$defs/state"},
            "mx": {"$ref": "#/$defs/mx"},
            "ttl": {"$ref": "#/$defs/ttl"},
            "first_seen": {"$ref": "#/$defs/instant"},
            "last_seen": {"$ref": "#/$defs/instant"},
            "gone_at": {"$ref": "#/$defs/maybe_instant"}
          }
        },
        "resolver": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "address", "state", "clear", "overdue", "excluded", "target_since", "old_until",
            "caches_seen", "checked_at"],
          "properties": {
            "name": {"type": "string"},
            "address": {"type": "string"},
            "state": {"$ref": "#/$defs/state"},
            "clear": {"type": "boolean"},
            "overdue": {"type": "boolean"},
            "excluded": {"type": ["string", "null"]},
            "target_since": {"$ref": "#/$defs/maybe_instant"},
            "old_until": {"$ref": "#/$defs/maybe_instant"},
            "caches_seen": {"$ref": "#/$defs/count"},
            "checked_at": {"$ref": "#/$defs/maybe_instant"}
          }
        }
      }
    }

    """#
