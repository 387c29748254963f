# q2 of NEXMark by searching for substrings, without reading JSON.
{
  bid = index($0, "\"bid\":{\"auction\":")
  if (!bid) next
  auction = substr($0, bid + 17, 20) + 0
  if (auction % 123) next
  price = substr($0, index($0, "\"price\":") + 8, 20) + 0
  printf "{\"auction\":%d,\"price\":%d}\n", auction, price
}
