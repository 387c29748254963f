// SPDX-License-Identifier: Apache-2.0
#include "expr/machine.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace penstock {
namespace {

class MachineTest : public testing::Test {
 protected:
  MachineTest() { EXPECT_NE(mkdtemp(folder_.data()), nullptr); }
  ~MachineTest() override {
    unlink(path().c_str());
    rmdir(folder_.c_str());
  }
  std::string path() const { return folder_ + "/text"; }
  void write(const std::string& text) { std::ofstream(path(), std::ios::binary) << text; }
  std::string read(const Machine& machine) {
    const auto text = machine.file(path());
    return text ? *text : "error: " + text.error().message;
  }
  std::string folder_ = testing::TempDir() + "penstock-machine-XXXXXX";
  ManualClock clock_;
};

TEST_F(MachineTest, variables_of_the_pipeline_come_before_those_of_the_process) {
  const std::map<std::string, std::string> own = {{"HOME", "mine"}};
  EXPECT_EQ(Machine(clock_, &own).environment("HOME"), "mine");
  EXPECT_EQ(Machine(clock_).environment("PATH"), std::string(getenv("PATH")));
  EXPECT_EQ(Machine(clock_, &own).environment("PENSTOCK_NO_SUCH_VARIABLE"), std::nullopt);
}

TEST_F(MachineTest, a_file_is_read_again_after_a_second) {
  const Machine machine(clock_);
  EXPECT_EQ(read(machine), "error: cannot read " + path() + ": No such file or directory");
  write("one");
  EXPECT_EQ(read(machine).substr(0, 6), "error:") << "a fault is kept for a second, too";
  clock_.advance_ns(Machine::kKeptNs);
  EXPECT_EQ(read(machine), "one");
  write("two");
  EXPECT_EQ(read(machine), "one");
  clock_.advance_ns(Machine::kKeptNs);
  EXPECT_EQ(read(machine), "two");
}

TEST_F(MachineTest, only_short_regular_files_are_read) {
  const Machine machine(clock_);
  write(std::string(Machine::kFileBytesMax, 'x'));
  EXPECT_EQ(read(machine).size(), Machine::kFileBytesMax);
  clock_.advance_ns(Machine::kKeptNs);
  write(std::string(Machine::kFileBytesMax + 1, 'x'));
  EXPECT_EQ(read(machine), "error: " + path() + " is longer than 1 MiB");
  ASSERT_EQ(unlink(path().c_str()), 0);
  ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
  clock_.advance_ns(Machine::kKeptNs);
  EXPECT_EQ(read(machine), "error: " + path() + " is not a regular file");
  const auto folder = machine.file(folder_);
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("not a regular file"), std::string::npos);
}

TEST_F(MachineTest, keeps_only_so_many_files) {
  const Machine machine(clock_);
  write("one");
  EXPECT_EQ(read(machine), "one");
  for (size_t i = 0; i < Machine::kFilesMax; ++i) {
    EXPECT_FALSE(machine.file("no such file " + std::to_string(i)));
  }
  write("two");
  EXPECT_EQ(read(machine), "two");
}

}  // namespace
}  // namespace penstock
