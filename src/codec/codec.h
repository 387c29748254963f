// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// What one payload may cost, whatever its bytes are. Going beyond is an error of the record
/// (code "codec-limit").
struct CodecLimits {
  uint32_t depth_max = 64;                   ///< arrays and maps inside each other
  uint64_t values_max = 1 << 20;             ///< scalars, arrays and maps of one decoded value
  uint64_t records_max = 10'000'000;         ///< values of one payload
  uint64_t payload_bytes_max = 256 << 20;    ///< of one payload, read or written
  uint64_t block_bytes_max = 64 << 20;       ///< one compressed block of a container, inflated
};

/// Takes payloads apart. One payload may hold many values (rows of a CSV text, blocks of an Avro
/// container), so it is pulled: memory does not grow with their number. Owned by one task.
///
///   PENSTOCK_TRY(decoder.begin(payload, headers));
///   for (Value value;;) {
///     Result<bool> more = decoder.next(arena, value);   // error: the payload is at fault
///     if (!more || !*more) break;
///     …; arena.reset();
///   }
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Starts a payload; what was left of the one before is forgotten. Both are borrowed until the
  /// last next(). `headers` are encoded (record/headers.h).
  virtual Result<void> begin(std::string_view payload, std::string_view headers) = 0;
  /// The next value; false at the end. It borrows the payload, the arena and the decoder: valid
  /// until the next call or the arena's reset. After an error the payload is over. Errors are
  /// reject_record, and name the byte of the payload at which the fault was seen.
  virtual Result<bool> next(ValueArena& arena, Value& out) = 0;
};

/// What an encoder makes. Reuse it: both keep their memory.
struct EncodedPayload {
  std::string payload;
  std::string headers;  ///< encoded; put over those of the record, by name
  void clear() {
    payload.clear();
    headers.clear();
  }
};

/// Puts values into payloads. Owned by one task.
class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Whether one payload may hold several values. Otherwise encode() takes exactly one.
  virtual bool gathers() const { return false; }
  /// One payload of all `values` (at least one), appended to a cleared `out`. `arena` is for
  /// scratch. Errors are reject_record; `failed` is then the index of the value at fault.
  virtual Result<void> encode(std::span<const Value> values, ValueArena& arena,
                              EncodedPayload& out, size_t& failed) = 0;
};

/// A format with its options and schemas. Immutable, shared by tasks.
class Codec {
 public:
  virtual ~Codec() = default;
  virtual std::unique_ptr<Decoder> make_decoder() const = 0;
  virtual std::unique_ptr<Encoder> make_encoder() const = 0;
};

}  // namespace penstock
