# q0 of NEXMark: every bid, without channel and address.
select(.event_type == 2) | .bid | {auction, bidder, price, dateTime, extra}
