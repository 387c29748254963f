# q1 of NEXMark: every bid in euros.
select(.event_type == 2) | .bid | {auction, bidder, price: (0.908 * .price), dateTime, extra}
