/** Which dialog about rooms is open. */
export type OpenDialog = 'create' | 'explore' | 'message' | 'switch' | null;
