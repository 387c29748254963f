// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/live_view.h"

namespace penstock {

enum class ViewMode : uint8_t { kAuto, kText, kJson, kLive, kNone };

/// Shows running pipelines on a descriptor (stderr: stdout is for records). One thread.
class RunView {
 public:
  virtual ~RunView() = default;
  /// How often show() wants to be called.
  virtual int64_t interval_ns() const = 0;
  /// How far back a view's `before` should be.
  virtual int64_t window_ns() const = 0;
  virtual void show(const std::vector<LivePipeline>& pipelines, int64_t wall_us) = 0;
  /// One line that the user must see, without its end.
  virtual void notice(std::string_view line) = 0;
  /// Whole lines of the log, if they come to the view and not to the descriptor itself.
  virtual void log(std::string_view lines) {}
  /// True if the log must come through log(), because the view redraws the screen.
  virtual bool takes_log() const { return false; }
  /// Nothing more will be shown: what is drawn goes, so that a summary can follow.
  virtual void end() {}
};

/// `mode` is not kAuto. `quiet`: kNone gives no notice either.
std::unique_ptr<RunView> make_run_view(ViewMode mode, int fd, bool quiet);

/// What kAuto means: live on a terminal whose screen no record will be written to, else text.
ViewMode chosen_view(ViewMode asked, bool err_is_terminal, bool records_go_to_terminal);

}  // namespace penstock
