// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/cloud_events.h"

namespace penstock {

std::unique_ptr<Decoder> make_cloud_events_decoder(EventMode mode);

}  // namespace penstock
