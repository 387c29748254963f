// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace penstock {

/// A descriptor set for tests: the proto3 message test.All with a field of every type (fields 1 to
/// 15 the scalars, in the order of ProtoType; see test_proto_schema.cc), and those of
/// google.protobuf that have a JSON form of their own.
std::string test_descriptor_set();

}  // namespace penstock
