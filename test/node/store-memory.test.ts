// The store in memory keeps the contract of every store.
import { memoryStore } from "../../node/store/memory-store.js";
import { storeContract } from "./store-contract.js";

storeContract("memory store", async () => memoryStore());
