// The text of JSON numbers, to values and back.
//
// Threading: plain functions.
// Source:    RFC 8259 section 6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace voxeld {

// Whether `text` is one JSON number, and nothing else: no sign but '-', no leading zeros, no
// spaces.
bool IsJsonNumber(std::string_view text);

// The value of a JSON number if it is an integer within [min, max], however it is written: "12",
// "12.0", "1.2e1". Exact for all 64 bits. nullopt for everything else.
std::optional<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max);
std::optional<uint64_t> ParseUnsigned(std::string_view text, uint64_t max);

// The nearest value to a JSON number; nullopt if it is no number or too large to be finite. Too
// small ones become 0.
std::optional<double> ParseDouble(std::string_view text);
std::optional<float> ParseFloat(std::string_view text);

// Appends the shortest decimal number that reads back as the same value.
// REQUIRES: finite.
void AppendDouble(double value, std::string* out);
void AppendFloat(float value, std::string* out);

// Appends an integer: bare if a double holds it exactly, as readers in many languages have nothing
// else, and in quotes if not.
void AppendInteger(int64_t value, std::string* out);
void AppendInteger(uint64_t value, std::string* out);

}  // namespace voxeld
