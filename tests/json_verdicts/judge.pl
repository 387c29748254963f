# SPDX-License-Identifier: Apache-2.0
# The verdicts of Perl's JSON::PP, by the same protocol as verdicts.cc.
use strict;
use warnings;
use JSON::PP;
binmode STDIN;
my $json = JSON::PP->new->utf8->allow_nonref->max_depth(256)->allow_bignum;
while (read(STDIN, my $head, 4) == 4) {
  my $size = unpack('V', $head);
  my $text = '';
  read(STDIN, $text, $size) if $size > 0;
  local $SIG{__WARN__} = sub { };
  my $ok = eval { $json->decode($text); 1 };
  print $ok ? '1' : '0';
}
