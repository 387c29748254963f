// SPDX-License-Identifier: Apache-2.0
#include "runtime/ledger.h"

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace penstock {
namespace {

/// A ledger that is told what happened in words, one event per `;`:
///   open [C]          the next barrier is sent; with C that of a checkpoint
///   read T E POS      source task T passed barrier E, reading stood at POS; E = end: it has ended
///   pass T E [F]      task T passed barrier E, holding records from epoch F on; E = end
///   sink S E [F]      sink S delivered epoch E, still holding from epoch F on; E = end
///   commit            what is committable is committed; with `commit E` at checkpoint E
class Book {
 public:
  explicit Book(LedgerLayout layout, Epoch start = 0) : ledger(std::move(layout), start) {}

  Book& tell(const std::string& events) {
    std::istringstream lines(events);
    for (std::string line; std::getline(lines, line, ';');) {
      std::istringstream words(line);
      std::string what, epoch, floor;
      uint32_t node = 0;
      words >> what;
      if (what.empty()) continue;
      if (what == "open") {
        words >> epoch;
        ledger.open(epoch == "C");
      } else if (what == "commit") {
        words >> epoch;
        const auto checkpoint = epoch.empty() ? std::nullopt : std::optional(number(epoch));
        ledger.committed(ledger.committable(checkpoint));
      } else if (what == "read") {
        words >> node >> epoch >> floor;
        PassedReport report{node, number(epoch), kNoEpoch, true, {}, {}};
        report.positions["p"].value = floor;
        ledger.passed(report);
      } else {
        words >> node >> epoch >> floor;
        const Epoch holds = floor.empty() ? kNoEpoch : number(floor);
        if (what == "pass") {
          ledger.passed(PassedReport{node, number(epoch), holds, false, {}, {}});
        } else {
          EXPECT_EQ(what, "sink");
          ledger.delivered(DeliveredReport{node, number(epoch), holds, {}});
        }
      }
    }
    return *this;
  }
  /// "source@epoch=position,position …" of what may be committed.
  std::string committable(std::optional<Epoch> checkpoint = std::nullopt) const {
    std::string text;
    for (const SourceCommit& commit : ledger.committable(checkpoint)) {
      text += (text.empty() ? "" : " ") + ledger.layout().sources[commit.source].name + "@" +
              (commit.epoch == kFinalEpoch ? "end" : std::to_string(commit.epoch)) + "=";
      for (size_t i = 0; i < commit.by_task.size(); ++i) {
        const Positions& positions = commit.by_task[i];
        text += (i == 0 ? "" : ",") + (positions.empty() ? "-" : positions.at("p").value);
      }
    }
    return text;
  }

  Ledger ledger;

 private:
  static Epoch number(const std::string& word) {
    return word == "end" ? kFinalEpoch : static_cast<Epoch>(std::stoull(word));
  }
};

// Source task 0 → task 1 with sink 0.
LedgerLayout line(bool with_checkpoints = false) {
  LedgerLayout layout;
  layout.sources = {{"a", {0}, {0, 1}, {0}, with_checkpoints}};
  layout.tasks = 2;
  layout.sinks = 1;
  return layout;
}
// Two lines that share nothing: tasks 0 → 2 with sink 0, tasks 1 → 3 with sink 1.
LedgerLayout two_lines() {
  LedgerLayout layout;
  layout.sources = {{"a", {0}, {0, 2}, {0}, false}, {"b", {1}, {1, 3}, {1}, false}};
  layout.tasks = 4;
  layout.sinks = 2;
  return layout;
}
// Sources a and b (tasks 0, 1) join in task 2; task 3 reads only b. Sink 0 in 2, sink 1 in 3.
LedgerLayout fan_in() {
  LedgerLayout layout;
  layout.sources = {{"a", {0}, {0, 2}, {0}, false}, {"b", {1}, {1, 2, 3}, {0, 1}, false}};
  layout.tasks = 4;
  layout.sinks = 2;
  return layout;
}

TEST(Ledger, commits_an_epoch_when_every_task_and_sink_has_reported_it) {
  struct Row {
    const char* events;
    const char* committable;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {"open; read 0 1 10", ""},
      {"open; read 0 1 10; pass 1 1", ""},
      {"open; read 0 1 10; sink 0 1", ""},
      {"open; read 0 1 10; pass 1 1; sink 0 1", "a@1=10"},
      {"open; read 0 1 10; open; read 0 2 20; pass 1 1; sink 0 1", "a@1=10"},
      {"open; read 0 1 10; open; read 0 2 20; pass 1 1; pass 1 2; sink 0 1; sink 0 2", "a@2=20"},
      // A sink may confirm several epochs with one report.
      {"open; open; read 0 1 10; read 0 2 20; pass 1 1; pass 1 2; sink 0 2", "a@2=20"},
      // Reports come in any order.
      {"open; sink 0 1; pass 1 1; read 0 1 10", "a@1=10"},
      // What was committed is not committed again.
      {"open; read 0 1 10; pass 1 1; sink 0 1; commit", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Book(line()).tell(row.events).committable(), row.committable) << row.events;
  }
}

TEST(Ledger, a_hold_may_last_and_a_checkpoint_inside_it_is_remembered) {
  Book book(line(true));
  constexpr Epoch kLong = 200'000;
  constexpr Epoch kCheckpoint = 150'000;
  for (Epoch e = 1; e <= kLong; ++e) {
    const std::string number = std::to_string(e);
    book.tell(e == kCheckpoint ? "open C" : "open");
    // Before the checkpoint it holds from epoch 3 on, later from epoch 7 on.
    const std::string floor = e <= kCheckpoint ? " 3" : " 7";
    book.tell("read 0 " + number + " " + number + "; pass 1 " + number + floor + "; sink 0 " +
              number);
    ASSERT_EQ(book.ledger.safe(0, e), e <= kCheckpoint ? std::min<Epoch>(e, 2) : 6);
    ASSERT_EQ(book.ledger.holding(), e > 2);
  }
  EXPECT_EQ(book.ledger.safe(0, kCheckpoint), 2u);
  EXPECT_EQ(book.committable(kCheckpoint), "a@2=2");
  book.tell("open C; read 0 200001 200001; pass 1 200001; sink 0 200001");
  EXPECT_EQ(book.committable(kLong + 1), "a@200001=200001");
}

TEST(Ledger, a_hold_keeps_back_positions_and_not_epochs) {
  struct Row {
    const char* events;
    Epoch complete;
    const char* committable;
  };
  const std::string three = "open; read 0 1 10; open; read 0 2 20; open; read 0 3 30;";
  const std::vector<Row> rows = {
      // Holds everything from the start: nothing is safe.
      {"pass 1 1 1; pass 1 2 1; pass 1 3 1; sink 0 3", 3, ""},
      // From epoch 2 on: epoch 1 is safe. Both sides of the boundary.
      {"pass 1 1; pass 1 2 2; pass 1 3 2; sink 0 3", 3, "a@1=10"},
      {"pass 1 1; pass 1 2 2; pass 1 3 3; sink 0 3", 3, "a@2=20"},
      {"pass 1 1; pass 1 2 2; pass 1 3; sink 0 3", 3, "a@3=30"},
      // A sink's retries hold as a stage's records do.
      {"pass 1 3; sink 0 3 2", 3, "a@1=10"},
      {"pass 1 3 3; sink 0 3 2", 3, "a@1=10"},
      {"pass 1 3 2; sink 0 3 3", 3, "a@1=10"},
      // The floor counts at the epoch that is complete, not at a later one of one node only.
      {"pass 1 2; pass 1 3 3; sink 0 2", 2, "a@2=20"},
  };
  for (const Row& row : rows) {
    Book book(line());
    book.tell(three + row.events);
    EXPECT_EQ(book.ledger.complete(0), row.complete) << row.events;
    EXPECT_EQ(book.committable(), row.committable) << row.events;
  }
}

TEST(Ledger, positions_go_on_when_a_hold_lets_go) {
  Book book(line());
  book.tell("open; read 0 1 10; pass 1 1 1; sink 0 1; open; read 0 2 20; pass 1 2 1; sink 0 2");
  EXPECT_TRUE(book.ledger.holding());
  EXPECT_FALSE(book.ledger.settled());
  EXPECT_EQ(book.committable(), "");
  book.tell("open; read 0 3 20; pass 1 3; sink 0 3");
  EXPECT_FALSE(book.ledger.holding());
  EXPECT_TRUE(book.ledger.settled());
  EXPECT_TRUE(book.ledger.behind());
  EXPECT_EQ(book.committable(), "a@3=20");
  book.tell("commit");
  EXPECT_FALSE(book.ledger.behind());
}

TEST(Ledger, the_end_of_input_stands_for_all_later_epochs) {
  Book book(fan_in());
  // a ends between barriers 1 and 2; b goes on.
  book.tell("open; read 0 1 10; read 1 1 100; pass 2 1; pass 3 1; sink 0 1; sink 1 1; commit");
  book.tell("read 0 end 15");
  EXPECT_EQ(book.committable(), "");
  book.tell("open; read 1 2 200; pass 2 2; pass 3 2; sink 0 2; sink 1 2");
  EXPECT_EQ(book.committable(), "a@2=15 b@2=200");
  book.tell("commit; open; read 1 3 300; pass 2 3; pass 3 3; sink 0 3; sink 1 3");
  EXPECT_EQ(book.committable(), "a@3=15 b@3=300");  // its final positions stay
  EXPECT_FALSE(book.ledger.finished());
  book.tell("read 1 end 350; pass 2 end; pass 3 end; sink 0 end; sink 1 end");
  EXPECT_TRUE(book.ledger.finished());
  EXPECT_EQ(book.committable(), "a@end=15 b@end=350");
  book.tell("commit");
  EXPECT_FALSE(book.ledger.behind());
}

TEST(Ledger, what_was_read_between_the_last_barrier_and_the_end_is_of_the_open_epoch) {
  Book book(fan_in());
  book.tell("open; read 0 1 10; read 1 1 100; read 0 end 15");
  book.tell("pass 2 1; pass 3 1; sink 0 1; sink 1 1");
  // Barrier 1 says nothing about what a read behind it.
  EXPECT_EQ(book.committable(), "a@1=10 b@1=100");
}

TEST(Ledger, an_input_that_ends_before_any_barrier_is_committed_by_the_end) {
  Book book(line());
  book.tell("read 0 end 7");
  EXPECT_EQ(book.committable(), "");
  book.tell("pass 1 end; sink 0 end");
  EXPECT_EQ(book.committable(), "a@end=7");
  EXPECT_TRUE(book.ledger.finished());
}

TEST(Ledger, a_stuck_sink_does_not_stop_unrelated_sources) {
  Book book(two_lines());
  for (Epoch e = 1; e <= 100; ++e) {
    const std::string n = std::to_string(e);
    ASSERT_TRUE(book.ledger.can_open()) << e;
    // Sink 1 never delivers.
    book.tell("open; read 0 " + n + " " + n + "; read 1 " + n + " " + n + "; pass 2 " + n +
              "; pass 3 " + n + "; sink 0 " + n);
    EXPECT_EQ(book.committable(), "a@" + n + "=" + n);
    book.tell("commit");
  }
  EXPECT_EQ(book.ledger.complete(), 0u);
  EXPECT_EQ(book.ledger.committed(1), 0u);
  book.tell("sink 1 100");
  EXPECT_EQ(book.committable(), "b@100=100");
}

TEST(Ledger, a_stuck_sink_stops_every_source_that_reaches_it) {
  Book book(fan_in());
  book.tell("open; read 0 1 10; read 1 1 100; pass 2 1; pass 3 1; sink 1 1");  // sink 0 is stuck
  EXPECT_EQ(book.committable(), "");
  book = Book(fan_in());
  book.tell("open; read 0 1 10; read 1 1 100; pass 2 1; pass 3 1; sink 0 1");  // sink 1 is
  EXPECT_EQ(book.committable(), "a@1=10");
}

TEST(Ledger, sends_no_more_barriers_when_too_many_are_open) {
  Book book(line());
  for (uint32_t i = 0; i < Ledger::kOpenMax; ++i) {
    ASSERT_TRUE(book.ledger.can_open()) << i;
    book.ledger.open();
  }
  EXPECT_FALSE(book.ledger.can_open());
  book.tell("read 0 1 10; pass 1 1");
  EXPECT_FALSE(book.ledger.can_open());
  book.tell("sink 0 1");
  EXPECT_TRUE(book.ledger.can_open());
}

TEST(Ledger, a_stuck_sink_may_pile_up_epochs_only_up_to_a_bound) {
  Book book(two_lines());
  Epoch opened = 0;
  while (book.ledger.can_open() && opened < 2 * Ledger::kStuckMax) {
    const std::string n = std::to_string(++opened);
    book.tell("open; read 0 " + n + " x; pass 2 " + n + "; sink 0 " + n + "; commit");
  }
  EXPECT_EQ(opened, Ledger::kStuckMax);
}

TEST(Ledger, sources_with_state_move_with_checkpoints_only) {
  Book book(line(true));
  book.tell("open; read 0 1 10; pass 1 1; sink 0 1; open; read 0 2 20; pass 1 2; sink 0 2");
  EXPECT_EQ(book.committable(), "");
  EXPECT_EQ(book.committable(1), "a@1=10");
  EXPECT_EQ(book.committable(2), "a@2=20");
  book.tell("commit 1");
  EXPECT_EQ(book.ledger.committed(0), 1u);
  EXPECT_TRUE(book.ledger.behind());
  EXPECT_EQ(book.committable(2), "a@2=20");
}

TEST(Ledger, a_source_without_state_does_not_wait_for_the_checkpoint_of_another) {
  LedgerLayout layout = two_lines();
  layout.sources[1].with_checkpoints = true;
  Book book(layout);
  book.tell("open; read 0 1 10; read 1 1 100; pass 2 1; pass 3 1; sink 0 1; sink 1 1");
  EXPECT_EQ(book.committable(), "a@1=10");
  EXPECT_EQ(book.committable(1), "a@1=10 b@1=100");
}

TEST(Ledger, a_commit_says_where_every_task_of_the_source_stood) {
  LedgerLayout layout;
  layout.sources = {{"a", {0, 1}, {0, 1, 2}, {0}, false}};
  layout.tasks = 3;
  layout.sinks = 1;
  Book book(layout);
  book.tell("open; read 0 1 10; pass 2 1; sink 0 1");
  EXPECT_EQ(book.committable(), "");  // task 1 has not passed it
  book.tell("read 1 1 11");
  EXPECT_EQ(book.committable(), "a@1=10,11");
  book.tell("read 0 end 20; open; read 1 2 21; pass 2 2; sink 0 2");
  EXPECT_EQ(book.committable(), "a@2=20,21");
}

TEST(Ledger, thinning_never_commits_beyond_what_is_safe) {
  Book book(line());
  // A hold from epoch 1 on keeps everything back while positions pile up, and then lets go bit by
  // bit: at every floor the position committed is one that was noted below it.
  const Epoch last = 300;
  for (Epoch e = 1; e <= last; ++e) {
    const std::string n = std::to_string(e);
    book.tell("open; read 0 " + n + " " + n + "; pass 1 " + n + " 1; sink 0 " + n);
    ASSERT_EQ(book.committable(), "");
  }
  Epoch committed = 0;
  for (Epoch floor = 2; floor <= last; floor += 7) {
    const Epoch at = last + floor;
    const std::string n = std::to_string(at);
    while (book.ledger.newest() < at) book.tell("open; sink 0 " + n);
    book.tell("read 0 " + n + " " + n + "; pass 1 " + n + " " + std::to_string(floor));
    const std::vector<SourceCommit> commits = book.ledger.committable(std::nullopt);
    ASSERT_EQ(commits.size(), 1u) << floor;
    EXPECT_EQ(commits[0].epoch, floor - 1);
    const Positions& positions = commits[0].by_task[0];
    const Epoch noted = positions.empty() ? 0 : std::stoull(positions.at("p").value);
    EXPECT_LE(noted, floor - 1);
    EXPECT_GE(noted, committed);  // never back
    committed = noted;
    book.ledger.committed(commits);
  }
  EXPECT_GT(committed, 0u);
}

TEST(Ledger, thinning_keeps_the_oldest_and_the_newest) {
  Book book(line());
  for (Epoch e = 1; e <= 200; ++e) {
    const std::string n = std::to_string(e);
    book.tell("open; read 0 " + n + " " + n + "; pass 1 " + n + " 2; sink 0 " + n);
  }
  EXPECT_EQ(book.committable(), "a@1=1");
  book.tell("open; read 0 201 201; pass 1 201; sink 0 201");
  EXPECT_EQ(book.committable(), "a@201=201");
}

TEST(Ledger, numbering_goes_on_behind_the_last_commit) {
  Book book(line(), 41);
  EXPECT_EQ(book.ledger.newest(), 41u);
  EXPECT_FALSE(book.ledger.behind());
  EXPECT_TRUE(book.ledger.settled());
  EXPECT_EQ(book.ledger.open(), 42u);
  book.tell("read 0 42 10; pass 1 42; sink 0 42");
  EXPECT_EQ(book.committable(), "a@42=10");
}

TEST(Ledger, names_the_tasks_that_have_not_passed_a_barrier) {
  Book book(fan_in());
  book.tell("open; read 0 1 1; pass 2 1");
  EXPECT_EQ(book.ledger.missing(1), (std::vector<uint32_t>{1, 3}));
  EXPECT_EQ(book.ledger.missing(0), (std::vector<uint32_t>{}));
}

}  // namespace
}  // namespace penstock
