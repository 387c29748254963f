// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/cloud_events.h"

namespace penstock {

/// `options` must outlive it.
std::unique_ptr<Encoder> make_cloud_events_encoder(const CloudEventsOptions& options);

}  // namespace penstock
