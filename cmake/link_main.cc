// SPDX-License-Identifier: Apache-2.0
// Empty on purpose: the linker is the test, see rooms.cmake.
int main() { return 0; }
