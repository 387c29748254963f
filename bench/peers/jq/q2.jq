# q2 of NEXMark: auction and price of the bids on every 123rd auction.
select(.event_type == 2 and .bid.auction % 123 == 0) | .bid | {auction, price}
