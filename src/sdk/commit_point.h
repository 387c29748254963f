// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sdk/shelf.h"
#include "sdk/source.h"

namespace penstock {

/// How far one task of a source is, for a commit point that keeps positions itself.
struct SourceShare {
  std::string membership;  ///< who reads, for an outside that checks it (a Kafka membership)
  Positions positions;
};

/// What makes an epoch true under exactly once where sinks write in transactions of an outside that
/// can carry positions (Kafka): its commit, instead of the publication of the manifest, which is
/// only prepared before it. One a region. Blocks; one call at a time.
class CommitPoint {
 public:
  virtual ~CommitPoint() = default;
  /// Where it commits ("kafka CLUSTER"): sources of the same place can be part of it.
  virtual const std::string& place() const = 0;
  /// Ends what earlier lives of this pipeline left open, so that none of them can commit any more.
  /// Then the mark that was committed last; -1 if there is none.
  virtual Result<int64_t> recover() = 0;
  /// Everything that the sinks wrote since the last commit becomes true, with these positions and,
  /// if it is not negative, the mark of a prepared manifest. After an error it may or may not have:
  /// the region is reset, and recover() tells.
  virtual Result<void> commit(int64_t mark, const std::vector<SourceShare>& shares) = 0;
  /// No commit will come of the checkpoint whose barrier the sinks have: what they wrote belongs to
  /// the next one, and they may go on. Does not block.
  virtual void abandon() = 0;
};

// What few components are, besides a source or a sink. The region asks each instance.

/// A sink whose outside has transactions that carry positions. Between a checkpoint's barrier and
/// its commit it is full(). All such sinks of a region have the same commit point.
class CommitsOutside {
 public:
  virtual ~CommitsOutside() = default;
  /// Exactly once, and open; else null.
  virtual CommitPoint* commit_point() = 0;
};

/// A source whose positions can be part of a commit point outside.
class SharesCommit {
 public:
  virtual ~SharesCommit() = default;
  /// What of `positions`, noted at the barrier, is to be part of the commit: not those that were
  /// given to another reader meanwhile, who may be further. Nothing: they are no part of it at all
  /// and are kept elsewhere. An error if what was read since the last commit is not ours any more.
  /// Any thread; may block.
  virtual Result<std::optional<SourceShare>> share(const Positions& positions) = 0;
};

/// A source that knows how much there is to read.
class KnowsLag {
 public:
  virtual ~KnowsLag() = default;
  /// Records that wait to be read, as far as is known; -1 = not known. Any thread.
  virtual int64_t lag() const = 0;
};

/// Where an instance runs.
struct RegionPlace {
  Shelf* shelf = nullptr;
  /// A name of this pipeline in this place (machine, state folder) that survives restarts.
  std::string identity;
  /// Exactly once: what makes epochs true, if it is not the state folder. For sources only: sinks
  /// are opened before it is known.
  const CommitPoint* commit_point = nullptr;
};

/// A source or a sink that wants to know it.
class InRegion {
 public:
  virtual ~InRegion() = default;
  /// Before open().
  virtual void join(const RegionPlace& place) = 0;
};

}  // namespace penstock
