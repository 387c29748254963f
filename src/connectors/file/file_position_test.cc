// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_position.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sdk/conformance/temp_folder.h"

namespace penstock {
namespace {

TEST(FilePosition, reads_what_it_wrote) {
  FilePosition p{"/a|b@c/x@1.log", 77, 0, 5, 900, {}, {4096, 0xdeadbeef12345678}, false};
  for (const bool more : {false, true}) {
    if (more) {
      p.generation = 3;
      p.torn = 880;
      p.finished = true;
    }
    const Result<FilePosition> read = FilePosition::parse(p.partition(), p.position());
    ASSERT_TRUE(read) << p.partition() << " " << p.position().value;
    EXPECT_EQ(read->path, p.path);
    EXPECT_EQ(read->inode, p.inode);
    EXPECT_EQ(read->generation, p.generation);
    EXPECT_EQ(read->begin, p.begin);
    EXPECT_EQ(read->at, p.at);
    EXPECT_EQ(read->torn, p.torn);
    EXPECT_EQ(read->head, p.head);
    EXPECT_EQ(read->finished, p.finished);
  }
}

TEST(FilePosition, has_a_form_that_people_can_read) {
  const FilePosition p{"logs/a.log", 12, 0, 100, 250, {}, {200, 0xff}, false};
  EXPECT_EQ(p.partition(), "logs/a.log@12|100");
  EXPECT_EQ(p.position().value, "at=250 head=200:ff");
}

TEST(FilePosition, refuses_what_it_did_not_write) {
  const std::pair<const char*, const char*> wrong[] = {
      {"a@1|0", ""},
      {"a@1|0", "at=1"},
      {"a@1|0", "at=x head=0:0"},
      {"a@1|5", "at=1 head=0:0"},
      {"a@1|0", "at=1 head=9999:0"},
      {"a@1|0", "at=1 head=0"},
      {"a@1|0", "at=1 head=0:0 torn="},
      {"a@1|0", "at=1 head=0:0 more"},
      {"a@|0", "at=1 head=0:0"},
      {"a@1~x|0", "at=1 head=0:0"},
      {"a|0", "at=1 head=0:0"},
      {"a@1", "at=1 head=0:0"},
      {"", "at=1 head=0:0"},
  };
  for (const auto& [partition, value] : wrong) {
    const Result<FilePosition> read = FilePosition::parse(partition, {value, false});
    ASSERT_FALSE(read) << partition << " = " << value;
    EXPECT_EQ(read.error().code, "bad-position");
  }
}

TEST(FileHead, covers_the_first_bytes_and_no_more) {
  conformance::TempFolder folder;
  std::string text(6000, 'x');
  conformance::write_file(folder / "a", text);
  text[5000] = 'y';
  conformance::write_file(folder / "b", text);
  text[4000] = 'y';
  conformance::write_file(folder / "c", text);
  FileHead heads[3];
  for (int i = 0; i < 3; ++i) {
    const int fd = open((folder / std::string(1, 'a' + i)).c_str(), O_RDONLY);
    heads[i] = *read_head(fd);
    EXPECT_EQ(read_head(fd, 10)->size, 10u);
    close(fd);
  }
  EXPECT_EQ(heads[0].size, FileHead::kHeadBytesMax);
  EXPECT_EQ(heads[0], heads[1]);
  EXPECT_NE(heads[0], heads[2]);
}

}  // namespace
}  // namespace penstock
