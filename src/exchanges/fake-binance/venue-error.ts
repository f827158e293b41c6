/** A refusal as the venue words it: HTTP status, code, message. Never an `AppError`: it is data. */
export class VenueError extends Error {
  readonly venueCode: number;
  readonly httpStatus: number;

  constructor(venueCode: number, httpStatus = 400, text?: string) {
    super(text ?? MESSAGES[venueCode] ?? 'Unknown error.');
    this.name = 'VenueError';
    this.venueCode = venueCode;
    this.httpStatus = httpStatus;
  }
}

/** Short wordings of our own where the exact sentence does not matter: callers read the code. */
const MESSAGES: Record<number, string> = {
  [-1003]: 'Too many requests; current limit of IP is 2400 requests per minute.',
  [-1007]: 'Timeout waiting for response from backend server. Send status unknown.',
  [-1008]: 'Request throttled by system-level protection.',
  [-1015]: 'Too many new orders.',
  [-1021]: 'Timestamp for this request is outside of the recvWindow.',
  [-1022]: 'Signature for this request is not valid.',
  [-1102]: 'Mandatory parameter was not sent, was empty/null, or malformed.',
  [-1104]: 'Not all sent parameters were read.',
  [-1111]: 'Precision is over the maximum defined for this asset.',
  [-1116]: 'Invalid orderType.',
  [-1117]: 'Invalid side.',
  [-1121]: 'Invalid symbol.',
  [-1125]: 'This listenKey does not exist.',
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-2014]: 'API-key format invalid.',
  [-2015]: 'Invalid API-key, IP, or permissions for action.',
  [-2019]: 'Margin is insufficient.',
  [-2021]: 'Order would immediately trigger.',
  [-2022]: 'ReduceOnly Order is rejected.',
  [-2027]: 'Exceeded the maximum allowable position at current leverage.',
  [-2028]: 'Leverage is smaller than permitted: insufficient margin balance.',
  [-4003]: 'Quantity less than or equal to zero.',
  [-4005]: 'Quantity greater than max quantity.',
  [-4014]: 'Price not increased by tick size.',
  [-4015]: 'Client order id is not valid.',
  [-4016]: "Price is higher than the mark price's multiplier cap.",
  [-4023]: 'Quantity not increased by step size.',
  [-4024]: "Price is lower than the mark price's multiplier floor.",
  [-4028]: 'Leverage is not valid.',
  [-4045]: 'Reach max stop order limit.',
  [-4046]: 'No need to change margin type.',
  [-4047]: 'Margin type cannot be changed if there exists open orders.',
  [-4048]: 'Margin type cannot be changed if there exists position.',
  [-4059]: 'No need to change position side.',
  [-4061]: "Order's position side does not match user's setting.",
  [-4067]: 'Position side cannot be changed if there exists open orders.',
  [-4068]: 'Position side cannot be changed if there exists position.',
  [-4108]: 'Symbol is on delivering or delivered or settling or closed or pre-trading.',
  [-4109]: 'This account is inactive.',
  [-4116]: 'ClientOrderId is duplicated.',
  [-4120]: 'Order type not supported for this endpoint. Please use the Algo Order API endpoints.',
  [-4130]: 'An open stop or take profit order with GTE and closePosition is existing.',
  [-4131]: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
  [-4136]: 'Target strategy invalid for orderType and closePosition.',
  [-4137]: 'Quantity must be zero with closePosition equals true.',
  [-4138]: 'Reduce only must be false with closePosition equals true.',
  [-4140]: 'Invalid symbol status for opening position.',
  [-4141]: 'Symbol is closed.',
  [-4161]: 'Leverage reduction is not supported in Isolated Margin Mode with open positions.',
  [-4164]: "Order's notional is below the minimum (unless reduce only).",
  [-4168]: 'Unable to adjust to isolated-margin mode under the Multi-Assets mode.',
  [-4509]: 'Time in Force GTE can only be used with open positions.',
  [-5021]: 'Due to the order could not be filled immediately, the FOK order has been rejected.',
  [-5022]: 'Post Only order will be rejected: it could not be executed as maker.',
  [-5027]: 'No need to modify the order.',
  [-5028]: 'Timestamp for this request is outside of the ME recvWindow.',
  [-5041]: 'No depth matches this BBO order.',
};
