// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "runtime/tap.h"

namespace penstock {

/// Where a run lets its own user look at records: a socket in its state folder, mode 0600.
///
/// One line asks: the queue, samples a second, "text" or "json", with tabs between. Lines answer,
/// the first letter saying what they are: `r` a record, `p` how many have passed since the last of
/// these, `e` an error and the end. Whoever does not read gets fewer samples; nobody waits for him.
class TapServer {
 public:
  static constexpr const char* kSocketName = "tap.sock";
  static constexpr size_t kClientsMax = 16;
  static constexpr uint32_t kPerSecondMax = 10'000;

  /// REQUIRES: this process holds the lock of the state in `folder`. `taps` outlives the server.
  static Result<std::unique_ptr<TapServer>> start(const std::string& folder,
                                                  std::shared_ptr<const Plan> plan, Taps& taps);
  /// Whoever looks is told that it is over.
  ~TapServer();

 private:
  struct Client;
  TapServer(std::shared_ptr<const Plan> plan, Taps& taps) : plan_(std::move(plan)), taps_(taps) {}
  Result<void> listen(const std::string& folder);
  void serve();
  void accept_one(std::vector<std::unique_ptr<Client>>& clients);
  void read_request(Client& client);
  void answer(Client& client, const std::string& request);
  static void send_samples(Client& client);
  static void flush(Client& client);

  const std::shared_ptr<const Plan> plan_;
  Taps& taps_;
  int folder_fd_ = -1, listen_fd_ = -1, stop_fd_ = -1;
  std::thread thread_;
};

/// Connects to the server of the run whose state is in `folder`; a descriptor. "not-running".
Result<int> connect_tap(const std::string& folder);

}  // namespace penstock
