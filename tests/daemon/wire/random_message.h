// Messages with random content, of any type, for property tests.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "google/protobuf/message.h"

namespace voxeld {

// Fills about half of the fields, with values that are likely to go wrong: limits, empty text,
// escapes, zeros in arrays.
void FillRandomly(std::mt19937_64& random, google::protobuf::Message* message);

// One empty message of each type in the API.
std::vector<std::unique_ptr<google::protobuf::Message>> EveryApiMessage();

}  // namespace voxeld
